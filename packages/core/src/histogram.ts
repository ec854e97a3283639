import { Batch } from './batch.ts';
import { LevelTally } from './level-tally.ts';
import type { LevelBuckets } from './level-tally.ts';
import type { ReadRange, Stretch } from './log-store.ts';
import { Passed } from './passed.ts';
import type { Sieve } from './sieve.ts';
import type { TimeRange } from './time-range.ts';
import { partsOf } from './walk.ts';

/** What to count, and what that may cost. */
export interface HistogramRange {
  /** Entries whose index is less. */
  readonly before: number;
  /** Most buckets. */
  readonly buckets: number;
  /** Only entries of this time. */
  readonly time?: TimeRange | undefined;
  /** Entries that may be looked at, or a little more; those of which there are summaries are free. */
  readonly mostLines: number;
  /** Milliseconds after which it stops, or a little later. */
  readonly mostMs: number;
}

/** How many lines of which level were written when, and how far that is known. */
export interface Histogram extends LevelBuckets {
  /** Everything from this index on was counted: one `before` it goes on. */
  readonly scannedTo: number;
  /** Whether that is the beginning. */
  readonly complete: boolean;
}

/** Entries of one read. */
const CHUNK = 10_000;

/** What is known without reading is enough. */
const SUMMARIES: Sieve = { asksTexts: false, keepsSummaries: true, admits: () => false };

/**
 * Counts lines by time and level, backwards from an index until there are no more or it cost enough. Of what is archived
 * it reads indexes alone; what is hot, or has no index, is looked at line by line. The event loop turns between reads.
 * @throws whatever `read` throws, and the signal's reason
 */
export async function histogram(
  read: (range: ReadRange) => Promise<Stretch>,
  { before, buckets, time, mostLines, mostMs }: HistogramRange,
  signal: AbortSignal,
): Promise<Histogram> {
  const began = performance.now();
  const tally = new LevelTally(time);
  let scannedTo = before;
  let lines = 0;
  while (scannedTo > 1 && lines < mostLines && performance.now() - began < mostMs) {
    signal.throwIfAborted();
    const page = await read({ before: scannedTo, limit: CHUNK, sieve: SUMMARIES, signal });
    const parts = partsOf(page);
    const [farthest] = parts;
    if (!farthest) {
      scannedTo = 1;
      break;
    }
    for (const part of parts) {
      if (part instanceof Batch) {
        tally.add(part.lines);
        lines += part.count;
      } else if (part instanceof Passed && part.summary) tally.addSummary(part.summary, part.last - part.first + 1);
    }
    scannedTo = 'from' in farthest ? farthest.from : farthest.first;
    await new Promise(setImmediate);
  }
  return { ...tally.buckets(buckets), scannedTo, complete: scannedTo <= 1 };
}
