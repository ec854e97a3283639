import { toUtc } from '@kubidu/core';
import type { SourceLine } from '@kubidu/core';

/**
 * A line as the kubelet sends it with `timestamps=true`: its time in UTC with nine digits of a second, so that times can
 * be compared as text. One object goes all the way to the encoder. Its stamp is read once, as several ask for each line.
 */
export interface StampedLine extends SourceLine {
  /** "2026-11-20T23:16:57"; mostly the very object that the line before has, so that comparing costs nothing. */
  readonly second: string;
  /** Nanoseconds since then, an integer. */
  readonly nanos: number;
}

/** Bytes that a stamp and the blank behind it take at the most ("2026-11-20T23:16:57.856942694+01:00 "). */
export const STAMP_BYTES = 36;

const STAMP_CHARS = 30;
const SECOND_CHARS = 19;
/** Where the digits of its fraction begin. */
const FRACTION_AT = 20;
const IN_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z /;
const WITH_OFFSET = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}[+-]\d\d:\d\d) /;

/** The second of the last stamp that was seen to be one: most lines share it with the line before. */
let knownSecond = '';
/** The same with the point behind it. */
let knownStart = '';

/**
 * Parts a line's stamp from its message; undefined where there is no stamp. Such a line is never a container's: a
 * container's lines all start with one (only the end of a long line, whose parts before `sinceTime` the kubelet left
 * out, does not; and that line was taken before). It is the kubelet's own error, sent as text with status 200
 * ("failed to create fsnotify watcher", "unable to retrieve container logs for containerd://…").
 */
export function parseStamped(text: string, truncated: number): StampedLine | undefined {
  const nanos = nanosInUtc(text);
  if (nanos >= 0) return lineOf(text.slice(0, STAMP_CHARS), nanos, text.slice(STAMP_CHARS + 1), truncated);
  const stamp = WITH_OFFSET.exec(text)?.[1];
  if (stamp === undefined) return undefined;
  // A node in another zone stamps with its offset.
  const timestamp = toUtc(stamp);
  const shifted = nanosInUtc(`${timestamp} `);
  return shifted < 0 ? undefined : lineOf(timestamp, shifted, text.slice(stamp.length + 1), truncated);
}

/** A line of the known second. */
const lineOf = (timestamp: string, nanos: number, message: string, truncated: number): StampedLine =>
  truncated === 0
    ? { timestamp, message, second: knownSecond, nanos }
    : { timestamp, message, second: knownSecond, nanos, truncated };

/**
 * The nanoseconds of a stamp in the form RFC3339NanoFixed, whose second is the known one then; -1 for what is none. All of
 * it is looked at: what only resembles a stamp may be what a container wrote to deceive us.
 */
function nanosInUtc(text: string): number {
  if (knownStart === '' || !text.startsWith(knownStart)) {
    if (!IN_UTC.test(text)) return -1;
    knownStart = text.slice(0, FRACTION_AT);
    knownSecond = text.slice(0, SECOND_CHARS);
  }
  let nanos = 0;
  for (let at = FRACTION_AT; at < STAMP_CHARS - 1; at++) {
    const digit = text.charCodeAt(at) - 48;
    // Also what is NaN behind the end of the text.
    if (!(digit >= 0 && digit <= 9)) return -1;
    nanos = nanos * 10 + digit;
  }
  return text.charCodeAt(29) === 90 /* Z */ && text.charCodeAt(30) === 32 ? nanos : -1;
}

/** The second before `second` ("2026-11-20T23:16:57"). */
export function secondBefore(second: string): string {
  return new Date(Date.parse(`${second}Z`) - 1_000).toISOString().slice(0, 19);
}

/** A number that tells lines at the same nanosecond apart (FNV-1a, 32 bits). */
export function hashLine(line: SourceLine): number {
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
  return seconds * 1e6 + nanosOf(to) - nanosOf(from);
}

/** Nanoseconds since the second of a stamp; of a status, which has whole seconds only, the end of that second. */
export function nanosOf(time: string): number {
  if (time.length < 30) return 999_999_999;
  let value = 0;
  for (let at = 20; at < 29; at++) value = value * 10 + time.charCodeAt(at) - 48;
  return value;
}
