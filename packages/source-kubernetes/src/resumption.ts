import { hashLine, nanosecondsBetween } from './stamped-line.ts';
import type { Position } from './position.ts';
import type { StampedLine } from './stamped-line.ts';

/** What to do with a line of a stream that was opened again. `moved`: the file is not the one we left. */
export type Verdict = 'skip' | 'take' | 'moved';

/**
 * Finds the place where reading stopped in a stream that was opened again from `position.since`: if the stream begins
 * with the line that it began with, exactly `count` lines are ours, and the last of them must be the one remembered.
 * Everything behind it is new, whatever its time.
 */
export class Resumption {
  readonly #position: Position | undefined;
  #skipped = 0;

  constructor(position: Position | undefined) {
    this.#position = position;
  }

  /** Whether the place was found (or there was none to find): the next line is new. */
  get found(): boolean {
    return this.#position === undefined || this.#skipped === this.#position.count;
  }

  offer(line: StampedLine): Verdict {
    const position = this.#position;
    if (position === undefined || this.#skipped === position.count) return 'take';
    if (position.count === undefined) return 'moved';
    if (this.#skipped === 0 && line.timestamp !== position.first) return 'moved';
    this.#skipped++;
    if (this.#skipped < position.count) return 'skip';
    return line.timestamp === position.last.time && hashLine(line) === position.last.hash ? 'skip' : 'moved';
  }
}

/** Times in a file may step back by this much without a clock being set. */
const DISORDER_NS = 2e9;

/**
 * Looks for the last line taken in a file that begins elsewhere than it did (it was rotated) or whose lines could not
 * be counted. Fed with all lines from `position.since` on.
 */
export class Search {
  readonly #position: Position;
  #seen = 0;
  #run = 0;
  #first: StampedLine | undefined;
  #candidate: number | undefined;
  #after: StampedLine | undefined;

  constructor(position: Position) {
    this.#position = position;
  }

  /** How many lines there are up to the last one taken; undefined when it is not there. */
  get count(): number | undefined {
    return this.#candidate;
  }

  /** The file's first line at or after `since`. */
  get first(): StampedLine | undefined {
    return this.#first;
  }

  /** The line behind the last one taken, once there is one. */
  get after(): StampedLine | undefined {
    return this.#after;
  }

  /** Takes the next line; false once more lines cannot change the answer. */
  offer(line: StampedLine): boolean {
    const { last, since } = this.#position;
    this.#first ??= line;
    this.#seen++;
    if (this.#candidate !== undefined && this.#seen === this.#candidate + 1) this.#after = line;
    if (line.timestamp === last.time) {
      this.#run++;
      if (this.#isLast(line)) this.#candidate = this.#seen;
      return true;
    }
    this.#run = 0;
    if (this.#candidate !== undefined) return false;
    // With a clock that was set back, any time may still be followed by the one we look for.
    return since === undefined || nanosecondsBetween(last.time, line.timestamp) < DISORDER_NS;
  }

  /** Of equal lines at one nanosecond the one that was as many in a row; fewer can be there if the file begins among them. */
  #isLast(line: StampedLine): boolean {
    const { last } = this.#position;
    if (hashLine(line) !== last.hash) return false;
    const beginsAmongThem = this.#first?.timestamp === last.time && this.#run === this.#seen;
    return this.#run === last.run || (beginsAmongThem && this.#candidate === undefined && this.#run < last.run);
  }
}
