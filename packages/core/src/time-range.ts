import { toUtc } from './timestamp.ts';

/** The bounds of a {@link TimeRange}, RFC 3339 with up to nanoseconds. */
export interface TimeBounds {
  /** Entries of this moment or later. */
  readonly since?: string | undefined;
  /** Entries before this moment. */
  readonly until?: string | undefined;
}

/** What a stored line begins with, as every writer makes it. */
const FRONT = '{"timestamp":"';

/**
 * When an entry was written, by its own timestamp: from `since` on and before `until`, to the nanosecond. Entries stand in
 * the order of their indexes, and the clocks of those who write differ by seconds: one that lies outside says nothing of
 * the next.
 */
export class TimeRange {
  readonly #since: string | undefined;
  readonly #until: string | undefined;
  readonly #sinceMs: number;
  readonly #untilMs: number;

  constructor({ since, until }: TimeBounds) {
    this.#since = since && comparable(since);
    this.#until = until && comparable(until);
    this.#sinceMs = since === undefined ? -Infinity : Date.parse(toUtc(since));
    // A Date drops what is finer than a millisecond.
    this.#untilMs = until === undefined ? Infinity : Date.parse(toUtc(until)) + 1;
  }

  /** Whether no moment lies in it. */
  get isEmpty(): boolean {
    return this.#since !== undefined && this.#until !== undefined && this.#since >= this.#until;
  }

  /** Whether a stored line, JSON without its index, is of this time. One whose time is none never is. */
  holds(line: string): boolean {
    const timestamp = line.startsWith(FRONT)
      ? line.slice(FRONT.length, line.indexOf('"', FRONT.length))
      : String((JSON.parse(line) as { timestamp?: unknown }).timestamp);
    if (!timestamp.endsWith('Z')) return this.#holdsMs(Date.parse(timestamp));
    const time = timestamp.slice(0, -1);
    return (this.#since === undefined || time >= this.#since) && (this.#until === undefined || time < this.#until);
  }

  /** Whether something between two moments, in milliseconds since 1970 that enclose it, may be of this time. */
  touches(fromMs: number, toMs: number): boolean {
    return toMs >= this.#sinceMs && fromMs <= this.#untilMs;
  }

  /** The part of a stretch, in milliseconds since 1970, that is of this time; undefined where none is. */
  cut(fromMs: number, toMs: number): readonly [fromMs: number, toMs: number] | undefined {
    const [from, to] = [Math.max(fromMs, this.#sinceMs), Math.min(toMs, this.#untilMs)];
    return from <= to ? [from, to] : undefined;
  }

  /** Of what is not in UTC: its year has not four digits there. */
  #holdsMs(ms: number): boolean {
    return ms >= this.#sinceMs && ms < this.#untilMs - 1;
  }
}

/** In UTC, without the Z and without zeros at the end: then the order of texts is that of times. */
function comparable(timestamp: string): string {
  const utc = toUtc(timestamp);
  const time = utc.endsWith('Z') ? utc.slice(0, -1) : utc;
  return time.includes('.') ? time.replace(/\.?0+$/, '') : time;
}
