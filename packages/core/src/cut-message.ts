import { LIMITS } from '@kubidu/contracts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The message cut to {@link LIMITS.messageBytes} at a character's boundary, and how many bytes that took off. */
export function cutMessage(message: string): { message: string; truncated: number } {
  // A UTF-16 unit takes three bytes at the most: only what is longer than a third can be over.
  if (message.length * 3 <= LIMITS.messageBytes) return { message, truncated: 0 };
  const bytes = encoder.encode(message);
  if (bytes.length <= LIMITS.messageBytes) return { message, truncated: 0 };
  const end = characterBoundary(bytes, LIMITS.messageBytes);
  return { message: decoder.decode(bytes.subarray(0, end)), truncated: bytes.length - end };
}

/** The largest place at or before `end` where no character of valid UTF-8 is split. */
export function characterBoundary(bytes: Uint8Array, end: number): number {
  let at = end;
  while (at > 0 && end - at < 4 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at--;
  return at;
}
