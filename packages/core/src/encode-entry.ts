import type { NewEntry } from '@kubidu/contracts';

import { cutMessage } from './cut-message.ts';
import { toUtc } from './timestamp.ts';

/**
 * The JSON under which an entry is stored: without its index, which its place gives, with the time in UTC, and with a
 * message of valid UTF-8 (U+FFFD for lone surrogates) of at most `LIMITS.messageBytes` bytes.
 */
export function encodeEntry(entry: NewEntry): string {
  const { timestamp, message, truncated, ...rest } = entry;
  const cut = cutMessage(message.toWellFormed());
  const missing = (truncated ?? 0) + cut.truncated;
  return JSON.stringify({
    timestamp: toUtc(timestamp),
    message: cut.message,
    ...rest,
    ...(missing > 0 && { truncated: missing }),
  });
}
