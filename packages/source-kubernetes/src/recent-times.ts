import type { StampedLine } from './stamped-line.ts';

const FIRST_CAPACITY = 64;
const MOST_CAPACITY = 4_096;
/** Neighbours are swapped by microseconds; this is far more. */
const SWAPPED_NS = 1e6;
const DAY_NS = 86_400e9;

/** What a line's time says about it. */
export type Order = 'next' | 'earlier' | 'again' | 'unknown';

/**
 * Remembers the times of the last lines, to tell two kinds of steps back apart: stdout and stderr are stamped before
 * they are written, so neighbours may be swapped; but a kubelet that is overtaken by its own rotation opens a file
 * twice and sends its lines again. Holds 4,096 times at the most, 64 while little is written.
 */
export class RecentTimes {
  /** Whether it has seen the log from its start. */
  readonly #all: boolean;
  #ring = new Float64Array(FIRST_CAPACITY);
  #taken = 0;
  #last = -1;
  #newest = -1;
  #second = '';
  /** Nanoseconds from midnight to that second. */
  #base = 0;

  /** @param all whether the first line taken will be the log's first */
  constructor(all: boolean) {
    this.#all = all;
  }

  /** `again`: this very nanosecond was there before the last line; `earlier`: it was not; `unknown`: too long ago to say. */
  order(line: StampedLine): Order {
    const key = this.#key(line);
    if (key > this.#newest || this.#last < 0) return 'next';
    // Midnight: the key begins at 0 again.
    if (this.#newest - key > DAY_NS / 2) return 'next';
    const capacity = this.#ring.length;
    const held = Math.min(this.#taken, capacity);
    for (let back = 1; back <= held; back++) {
      const other = this.#ring[(this.#taken - back) % capacity] ?? 0;
      if (other === key) return 'again';
      // What is before that is older still.
      if (other < key - SWAPPED_NS) return 'earlier';
    }
    return this.#all && this.#taken <= capacity ? 'earlier' : 'unknown';
  }

  /** Nanoseconds from the last line to this one; 0 before the first. */
  since(line: StampedLine): number {
    if (this.#last < 0) return 0;
    const gap = this.#key(line) - this.#last;
    return gap < -DAY_NS / 2 ? gap + DAY_NS : gap;
  }

  take(line: StampedLine): void {
    const key = this.#key(line);
    const capacity = this.#ring.length;
    if (this.#taken === capacity && capacity < MOST_CAPACITY) {
      const larger = new Float64Array(capacity * 4);
      larger.set(this.#ring);
      this.#ring = larger;
    }
    this.#ring[this.#taken++ % this.#ring.length] = key;
    this.#last = key;
    if (key > this.#newest || this.#newest - key > DAY_NS / 2) this.#newest = key;
  }

  /** Nanoseconds since midnight: exact in a double, which nanoseconds since 1970 are not. */
  #key({ second, nanos }: StampedLine): number {
    if (second !== this.#second) {
      this.#second = second;
      this.#base = (Date.parse(`${second}Z`) % 86_400_000) * 1e6;
    }
    return this.#base + nanos;
  }
}
