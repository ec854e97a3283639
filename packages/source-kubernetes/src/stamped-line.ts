import { toUtc } from '@kubidu/core';
import type { SourceLine } from '@kubidu/core';

/**
 * A line as the kubelet sends it with `timestamps=true`: its time in UTC with nine digits of a second, so that times can
 * be compared as text. One object goes all the way to the encoder.
 */
export type StampedLine = SourceLine;

/** Bytes that a stamp and the blank behind it take at the most ("2026-11-20T23:16:57.856942694+01:00 "). */
export const STAMP_BYTES = 36;

const STAMP_CHARS = 30;
/** "2026-11-20T23:16:57." */
const SECOND_CHARS = 20;
const IN_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z /;
const WITH_OFFSET = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}[+-]\d\d:\d\d) /;

/** The second of the last stamp that was seen to be one: most lines share it with the line before. */
let knownSecond = '';

/**
 * Parts a line's stamp from its message; undefined where there is no stamp. Such a line is never a container's: a
 * container's lines all start with one (only the end of a long line, whose parts before `sinceTime` the kubelet left
 * out, does not; and that line was taken before). It is the kubelet's own error, sent as text with status 200
 * ("failed to create fsnotify watcher", "unable to retrieve container logs for containerd://…").
 */
export function parseStamped(text: string, truncated: number): StampedLine | undefined {
  if (isStampedInUtc(text)) return lineOf(text.slice(0, STAMP_CHARS), text.slice(STAMP_CHARS + 1), truncated);
  const stamp = WITH_OFFSET.exec(text)?.[1];
  // A node in another zone stamps with its offset.
  return stamp === undefined ? undefined : lineOf(toUtc(stamp), text.slice(stamp.length + 1), truncated);
}

const lineOf = (timestamp: string, message: string, truncated: number): StampedLine =>
  truncated === 0 ? { timestamp, message } : { timestamp, message, truncated };

/** RFC3339NanoFixed. All of it is looked at: what only resembles a stamp may be what a container wrote to deceive us. */
function isStampedInUtc(text: string): boolean {
  if (knownSecond === '' || !text.startsWith(knownSecond)) {
    if (!IN_UTC.test(text)) return false;
    knownSecond = text.slice(0, SECOND_CHARS);
    return true;
  }
  for (let at = SECOND_CHARS; at < STAMP_CHARS - 1; at++) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return text.charCodeAt(29) === 90 /* Z */ && text.charCodeAt(30) === 32;
}

/** The second before `second` ("2026-11-20T23:16:57"). */
export function secondBefore(second: string): string {
  return new Date(Date.parse(`${second}Z`) - 1_000).toISOString().slice(0, 19);
}

/** A number that tells lines at the same nanosecond apart (FNV-1a, 32 bits). */
export function hashLine(line: StampedLine): number {
  let hash = 0x811c9dc5 ^ (line.truncated ?? 0);
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
