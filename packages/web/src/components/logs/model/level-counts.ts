import { LEVELS } from '@kubidu/contracts';
import type { Level } from '@kubidu/contracts';

/** Most buckets kept; beyond that two become one, so that a week takes no more room than a minute. */
const MOST_BUCKETS = 4_096;

/** Counts by level, in the order of LEVELS, and behind them what has none. */
export type Counts = readonly number[];

/** Entries written within one stretch of time. */
export interface Bar {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly counts: Counts;
}

/** How many entries of which level were written when: in buckets of a second, or twice that, or twice that, and so on. */
export class LevelCounts {
  #buckets = new Map<number, number[]>();
  #widthMs = 1_000;

  /** Counts one entry; one whose time is none counts nowhere. */
  add(timestamp: string, level: Level | undefined): void {
    const time = Date.parse(timestamp);
    if (Number.isNaN(time)) return;
    const counts = this.#at(Math.floor(time / this.#widthMs));
    const at = level === undefined ? LEVELS.length : LEVELS.indexOf(level);
    counts[at] = (counts[at] as number) + 1;
    if (this.#buckets.size > MOST_BUCKETS) this.#widen();
  }

  /** Counts what a bucket holds that was counted elsewhere, a power of two of seconds long. */
  addBucket({ from, to, counts }: Bar): void {
    while (this.#widthMs < to - from) this.#widen();
    addTo(this.#at(Math.floor(from / this.#widthMs)), counts);
    if (this.#buckets.size > MOST_BUCKETS) this.#widen();
  }

  /** At most `most` bars of one width, from the first entry to the last, without those in which nothing was written. */
  bars(most: number): Bar[] {
    let first = Infinity;
    let last = -Infinity;
    for (const place of this.#buckets.keys()) {
      first = Math.min(first, place);
      last = Math.max(last, place);
    }
    if (first > last) return [];
    const together = Math.max(1, Math.ceil((last - first + 1) / most));
    return this.barsOf(this.#widthMs * together);
  }

  /** Bars of this width, in milliseconds, where something was written; what is counted less finely is in the first it touches. */
  barsOf(widthMs: number): Bar[] {
    const bars = new Map<number, number[]>();
    for (const [place, counts] of this.#buckets) {
      const at = Math.floor((place * this.#widthMs) / widthMs);
      const bar = bars.get(at);
      if (bar === undefined) bars.set(at, [...counts]);
      else addTo(bar, counts);
    }
    return [...bars]
      .sort(([a], [b]) => a - b)
      .map(([place, counts]) => ({ from: place * widthMs, to: (place + 1) * widthMs, counts }));
  }

  #at(place: number): number[] {
    let counts = this.#buckets.get(place);
    if (counts === undefined) this.#buckets.set(place, (counts = new Array<number>(LEVELS.length + 1).fill(0)));
    return counts;
  }

  #widen(): void {
    const wider = new Map<number, number[]>();
    for (const [place, counts] of this.#buckets) {
      const half = Math.floor(place / 2);
      const there = wider.get(half);
      if (there === undefined) wider.set(half, counts);
      else addTo(there, counts);
    }
    this.#buckets = wider;
    this.#widthMs *= 2;
  }
}

/** All that is counted, of whatever level. */
export function sumOf(counts: Counts): number {
  return counts.reduce((total, count) => total + count, 0);
}

function addTo(sum: number[], counts: Counts): void {
  for (const [place, count] of counts.entries()) sum[place] = (sum[place] ?? 0) + count;
}
