import { LIMITS } from '@kubidu/contracts';

const encoder = new TextEncoder();
// A byte order mark is a character like any other: without this, one in front would be taken off.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The message cut to {@link LIMITS.messageBytes} at a character's boundary, and how many bytes that took off. */
export function cutMessage(message: string): { message: string; truncated: number } {
  const { text, truncated } = cutText(message, LIMITS.messageBytes);
  return { message: text, truncated };
}

/** The text cut to `maxBytes` of UTF-8 at a character's boundary, and how many bytes that took off. */
export function cutText(text: string, maxBytes: number): { text: string; truncated: number } {
  // A UTF-16 unit takes three bytes at the most: only what is longer than a third can be over.
  if (text.length * 3 <= maxBytes) return { text, truncated: 0 };
  const bytes = encoder.encode(text);
  if (bytes.length <= maxBytes) return { text, truncated: 0 };
  const end = characterBoundary(bytes, maxBytes);
  return { text: decoder.decode(bytes.subarray(0, end)), truncated: bytes.length - end };
}

/** The largest place at or before `end` where no character of valid UTF-8 is split. */
export function characterBoundary(bytes: Uint8Array, end: number): number {
  let at = end;
  while (at > 0 && end - at < 4 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at--;
  return at;
}
