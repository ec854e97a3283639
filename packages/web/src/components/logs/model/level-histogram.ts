import { LEVELS } from '@kubidu/contracts';
import type { LogEntry, LogHistogram } from '@kubidu/contracts';

import { IndexRanges } from './index-ranges.ts';
import type { IndexRange } from './index-ranges.ts';
import { LevelCounts } from './level-counts.ts';
import type { Bar } from './level-counts.ts';

/** How many entries of which level were written when, of all that was at hand and all that a server counted; each once. */
export class LevelHistogram {
  readonly #seen = new IndexRanges();
  readonly #counts = new LevelCounts();

  add(entries: readonly LogEntry[]): void {
    for (const { index, timestamp, level } of entries) {
      if (this.#seen.has(index)) continue;
      this.#seen.add(index, index);
      this.#counts.add(timestamp, level);
    }
  }

  /** Takes what a server counted, of indexes of which none was added yet. */
  addCounted({ bucketSeconds, buckets, scannedTo, lastIndex }: LogHistogram): void {
    this.#seen.add(scannedTo, lastIndex);
    for (const { from, lines, levels } of buckets) {
      const start = Date.parse(from);
      const counts = LEVELS.map((level) => levels[level] ?? 0);
      const none = lines - counts.reduce((sum, count) => sum + count, 0);
      this.#counts.addBucket({ from: start, to: start + bucketSeconds * 1_000, counts: [...counts, none] });
    }
  }

  /** Indexes of a range that are in none of the counts, ascending. */
  missing({ from, to }: IndexRange): IndexRange[] {
    return this.#seen.missing(from, to);
  }

  /** As {@link LevelCounts.bars}. */
  bars(most: number): Bar[] {
    return this.#counts.bars(most);
  }
}
