import { toUtc } from '@kubidu/core';

/** A line as the kubelet sends it with `timestamps=true`. */
export interface StampedLine {
  /** RFC 3339 in UTC, nine digits of a second: fit to be compared as text. */
  readonly time: string;
  readonly message: string;
  readonly truncated: number;
}

/** Bytes that a stamp and the blank behind it take at the most ("2026-11-20T23:16:57.856942694+01:00 "). */
export const STAMP_BYTES = 36;

const STAMP_CHARS = 30;
const WITH_OFFSET = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}[+-]\d\d:\d\d) /;

/**
 * Parts a line's stamp from its message; undefined where there is no stamp. Such a line is never a container's: a
 * container's lines all start with one (only the end of a long line, whose parts before `sinceTime` the kubelet left
 * out, does not; and that line was taken before). It is the kubelet's own error, sent as text with status 200
 * ("failed to create fsnotify watcher", "unable to retrieve container logs for containerd://…").
 */
export function parseStamped(text: string, truncated: number): StampedLine | undefined {
  // RFC3339NanoFixed in UTC, the common case, without a regular expression.
  if (text.charCodeAt(29) === 90 && text.charCodeAt(30) === 32 && text.charCodeAt(19) === 46 && isDigit(text, 0))
    return { time: text.slice(0, STAMP_CHARS), message: text.slice(STAMP_CHARS + 1), truncated };
  const stamp = WITH_OFFSET.exec(text)?.[1];
  if (stamp === undefined) return undefined;
  // A node in another zone stamps with its offset.
  return { time: toUtc(stamp), message: text.slice(stamp.length + 1), truncated };
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** The second before `second` ("2026-11-20T23:16:57"). */
export function secondBefore(second: string): string {
  return new Date(Date.parse(`${second}Z`) - 1_000).toISOString().slice(0, 19);
}

/** A number that tells lines at the same nanosecond apart (FNV-1a, 32 bits). */
export function hashLine(line: StampedLine): number {
  let hash = 0x811c9dc5 ^ line.truncated;
  const { message } = line;
  for (let at = 0; at < message.length; at++) hash = Math.imul(hash ^ message.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** Nanoseconds between two stamps, negative when `to` is before `from`. Exact to a microsecond over days. */
export function nanosecondsBetween(from: string, to: string): number {
  const seconds = from.startsWith(to.slice(0, 19))
    ? 0
    : Date.parse(`${to.slice(0, 19)}Z`) - Date.parse(`${from.slice(0, 19)}Z`);
  return seconds * 1e6 + fraction(to) - fraction(from);
}

function fraction(time: string): number {
  // A status has whole seconds only: the end of that second.
  if (time.length < 30) return 999_999_999;
  let value = 0;
  for (let at = 20; at < 29; at++) value = value * 10 + time.charCodeAt(at) - 48;
  return value;
}
