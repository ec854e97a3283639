import { hashLine, nanosOf, secondBefore } from './stamped-line.ts';
import type { StampedLine } from './stamped-line.ts';

/** What identifies a line in its file. */
interface LineMark {
  readonly time: string;
  /** How many consecutive lines up to this one have its time. */
  readonly run: number;
  readonly hash: number;
}

/** Where reading a container's log stopped, so that it goes on behind that very line. */
export interface Position {
  readonly last: LineMark;
  /**
   * Ask the kubelet from this second on: `sinceTime` is precise to a second only. Undefined after a clock was set back:
   * the kubelet leaves out what is stamped earlier, even if it is written later, so the whole file is asked for.
   */
  readonly since: string | undefined;
  /** Lines taken with a time at or after `since`; undefined where nobody counted them. */
  readonly count: number | undefined;
  /** Time of the first of these in the file's order: whether the file still begins where it did. */
  readonly first: string;
}

/** Lines of one second. `order` is the ordinal of the first of them. */
interface Second {
  second: string;
  count: number;
  first: string;
  order: number;
}

/** A {@link Track} as it is kept in a cursor. */
export type TrackState = readonly [
  time: string,
  run: number,
  hash: number,
  newest: readonly [second: string, count: number, first: string],
  before: readonly [count: number, first: string, isEarlier: 0 | 1] | 0,
  unsureUntil?: string,
];

/**
 * Counts the lines taken, per line a comparison or two. Lines of stdout and stderr are stamped before they are written,
 * so times in a file may step back a little: lines of the newest second and of the one before it are counted.
 */
export class Track {
  #last: StampedLine | undefined;
  #hash: number | undefined;
  #run = 0;
  #order = 0;
  #newest: Second | undefined;
  #before: Second | undefined;
  /** After a clock was set back: the newest second before that. */
  #unsureUntil = '';
  /** While a clock is set back: what was counted from the file's start. */
  #whole: { count: number; readonly first: string } | undefined;

  /** Where reading stopped; undefined before the first line. */
  get position(): Position | undefined {
    const newest = this.#newest;
    if (!this.#last || !newest) return undefined;
    const last = { time: this.#last.timestamp, run: this.#run, hash: this.lastHash };
    if (this.setBack) return { last, since: undefined, count: this.#whole?.count, first: this.#whole?.first ?? '' };
    const before = this.#before;
    const earlier = before && before.order < newest.order ? before : newest;
    return {
      last,
      since: secondBefore(newest.second),
      count: newest.count + (before?.count ?? 0),
      first: earlier.first,
    };
  }

  /** Whether lines before the last one may be stamped later than it, because the node's clock was set back. */
  get setBack(): boolean {
    return this.#unsureUntil !== '';
  }

  /** Time of the last line taken, empty before the first. */
  get time(): string {
    return this.#last?.timestamp ?? '';
  }

  /** Whether `line` could be the last one again. */
  equalsLast(line: StampedLine): boolean {
    return this.isOfLastTime(line) && hashLine(line) === this.lastHash;
  }

  /** Whether it has the very time of the last one taken. */
  isOfLastTime({ second, nanos }: StampedLine): boolean {
    return this.#last !== undefined && nanos === this.#last.nanos && second === this.#last.second;
  }

  take(line: StampedLine): void {
    this.#run = this.isOfLastTime(line) ? this.#run + 1 : 1;
    this.#last = line;
    this.#hash = undefined;
    this.#order++;
    if (this.#whole) this.#whole.count++;
    const newest = this.#newest;
    if (newest && line.second === newest.second) newest.count++;
    else this.#takeOther(line, newest);
  }

  /** The file begins elsewhere now: `count` lines at or after `since` up to the last one taken, the first at `first`. */
  recount(count: number, first: string): void {
    const newest = this.#newest;
    if (!newest) return;
    if (this.setBack) {
      this.#whole = { count, first };
      return;
    }
    // How many are of which second nobody counted: if it was not so, the place is looked for again.
    const newer = Math.min(newest.count, count);
    const older = count - newer;
    this.#before = older > 0 ? { second: secondBefore(newest.second), count: older, first, order: -1 } : undefined;
    this.#newest = { second: newest.second, count: newer, first: older > 0 ? newest.first : first, order: 0 };
  }

  /** The node's clock was set back: lines are looked for in the whole file until the time is past all that was seen. */
  clockWasSetBack(): void {
    const seen = this.#newest?.second ?? '';
    if (seen > this.#unsureUntil) this.#unsureUntil = seen;
    this.#whole = undefined;
  }

  /** What a cursor keeps of it; undefined before the first line. */
  state(): TrackState | undefined {
    const newest = this.#newest;
    if (!this.#last || !newest) return undefined;
    const before = this.#before;
    return [
      this.#last.timestamp,
      this.#run,
      this.lastHash,
      [newest.second, newest.count, newest.first],
      before ? [before.count, before.first, before.order < newest.order ? 1 : 0] : 0,
      ...(this.#unsureUntil === '' ? ([] as const) : ([this.#unsureUntil] as const)),
    ];
  }

  static from([time, run, hash, newest, before, unsureUntil]: TrackState): Track {
    const track = new Track();
    track.#last = { timestamp: time, message: '', second: time.slice(0, 19), nanos: nanosOf(time) };
    track.#run = run;
    track.#hash = hash;
    track.#order = 2;
    track.#newest = { second: newest[0], count: newest[1], first: newest[2], order: 1 };
    if (before !== 0)
      track.#before = { second: secondBefore(newest[0]), count: before[0], first: before[1], order: before[2] ? 0 : 2 };
    track.#unsureUntil = unsureUntil ?? '';
    return track;
  }

  /** Hash of the last line taken; 0 before the first. */
  get lastHash(): number {
    return (this.#hash ??= this.#last ? hashLine(this.#last) : 0);
  }

  #takeOther({ second, timestamp }: StampedLine, newest: Second | undefined): void {
    const fresh = { second, count: 1, first: timestamp, order: this.#order };
    if (!newest) {
      this.#newest = fresh;
    } else if (second > newest.second) {
      const justBefore = secondBefore(second);
      this.#before = newest.second === justBefore ? newest : undefined;
      this.#newest = fresh;
      if (justBefore > this.#unsureUntil) {
        this.#unsureUntil = '';
        this.#whole = undefined;
      }
    } else if (second === secondBefore(newest.second)) {
      if (this.#before) this.#before.count++;
      else this.#before = fresh;
    } else {
      // The node's clock was set back, or a writer was held up for more than a second.
      const whole = this.#whole;
      this.clockWasSetBack();
      this.#whole = whole;
      this.#before = undefined;
      this.#newest = fresh;
    }
  }
}
