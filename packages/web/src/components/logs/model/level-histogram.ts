import { LEVELS } from '@kubidu/contracts';
import type { Level, LogEntry } from '@kubidu/contracts';

import { IndexRanges } from './index-ranges.ts';

/** Most buckets kept; beyond that two become one, so that a week takes no more room than a minute. */
const MOST_BUCKETS = 4_096;

/** Counts by level, in the order of LEVELS, and behind them what has none. */
type LevelCounts = readonly number[];

/** Entries written within one stretch of time. */
export interface Bar {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly counts: LevelCounts;
}

/** How many entries of which level were written when, of all that was ever at hand; each counts once. */
export class LevelHistogram {
  readonly #seen = new IndexRanges();
  #buckets = new Map<number, number[]>();
  #widthMs = 1_000;

  add(entries: readonly LogEntry[]): void {
    for (const { index, timestamp, level } of entries) {
      if (this.#seen.has(index)) continue;
      this.#seen.add(index, index);
      const time = Date.parse(timestamp);
      if (Number.isNaN(time)) continue;
      const place = Math.floor(time / this.#widthMs);
      let counts = this.#buckets.get(place);
      if (counts === undefined) this.#buckets.set(place, (counts = new Array<number>(LEVELS.length + 1).fill(0)));
      const at = placeOf(level);
      counts[at] = (counts[at] as number) + 1;
      if (this.#buckets.size > MOST_BUCKETS) this.#widen();
    }
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
    const start = Math.floor(first / together);
    const bars = new Map<number, number[]>();
    for (const [place, counts] of this.#buckets) {
      const bar = bars.get(Math.floor(place / together));
      if (bar === undefined) bars.set(Math.floor(place / together), [...counts]);
      else addTo(bar, counts);
    }
    const widthMs = this.#widthMs * together;
    return [...bars]
      .filter(([place]) => place >= start)
      .sort(([a], [b]) => a - b)
      .map(([place, counts]) => ({ from: place * widthMs, to: (place + 1) * widthMs, counts }));
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

function addTo(sum: number[], counts: readonly number[]): void {
  for (const [place, count] of counts.entries()) sum[place] = (sum[place] ?? 0) + count;
}

function placeOf(level: Level | undefined): number {
  return level === undefined ? LEVELS.length : LEVELS.indexOf(level);
}
