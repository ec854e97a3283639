import type { Gap } from '@kubidu/contracts';

import { Batch } from './batch.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
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
  /** Default the system's. */
  readonly clock?: Clock | undefined;
}

/** How many lines of which level were written when, and how far that is known. */
export interface Histogram extends LevelBuckets {
  /** Everything from this index on was counted: one `before` it goes on. */
  readonly scannedTo: number;
  /** Whether that is the beginning. */
  readonly complete: boolean;
}

/** Entries of one read. */
const CHUNK = 5_000;
/** Buckets over which archived lines may be spread; those that lie over more are read, as long as there is time. */
const SPREAD = 2;

/**
 * Counts lines by time and level, backwards from an index until there are no more or it cost enough. What is archived says
 * in its indexes how many there are from when to when: where that is too coarse for the buckets, since little was written
 * for long, it is read, for half of what it may cost. What is hot is looked at line by line. The event loop turns between
 * reads.
 * @throws whatever `read` throws, and the signal's reason
 */
export async function histogram(
  read: (range: ReadRange) => Promise<Stretch>,
  { before, buckets, time, mostLines, mostMs, clock = systemClock }: HistogramRange,
  signal: AbortSignal,
): Promise<Histogram> {
  const widthMs = await widthOf(read, { before, buckets, time }, signal);
  const began = clock.now();
  const isOver = (ms: number) => clock.now() - began >= ms;
  const tally = new LevelTally(time);
  let scannedTo = before;
  let lines = 0;
  let room = mostLines / 2;
  const sieve = sieveOf(({ from, to, count }) => {
    if (to - from <= widthMs * SPREAD || count > room || isOver(mostMs / 2)) return false;
    room -= count;
    return true;
  });
  while (scannedTo > 1 && lines < mostLines && !isOver(mostMs)) {
    signal.throwIfAborted();
    const parts = partsOf(await read({ before: scannedTo, limit: CHUNK, sieve, signal }));
    for (const part of parts) if (part instanceof Batch) lines += part.count;
    addTo(tally, parts);
    const [farthest] = parts;
    scannedTo = !farthest ? 1 : 'from' in farthest ? farthest.from : farthest.first;
    await new Promise(setImmediate);
  }
  return { ...tally.buckets(buckets), scannedTo, complete: scannedTo <= 1 };
}

/** How wide buckets will be that reach from the first entry to the last, as far as that is known without reading. */
async function widthOf(
  read: (range: ReadRange) => Promise<Stretch>,
  { before, buckets, time }: Pick<HistogramRange, 'before' | 'buckets' | 'time'>,
  signal: AbortSignal,
): Promise<number> {
  const ends = new LevelTally(time);
  const sieve = sieveOf(() => false);
  for (const range of [{ after: 0 }, { before }])
    addTo(ends, partsOf(await read({ ...range, limit: 1, sieve, signal })));
  return ends.buckets(buckets).widthMs;
}

/** Reads what is to be read, and of everything else takes the summary. */
function sieveOf(admits: Sieve['admits']): Sieve {
  return { asksTexts: false, keepsSummaries: true, admits };
}

function addTo(tally: LevelTally, parts: readonly (Batch | Passed | Gap)[]): void {
  for (const part of parts) {
    if (part instanceof Batch) tally.add(part.lines);
    else if (part instanceof Passed && part.summary) tally.addSummary(part.summary, part.last - part.first + 1);
  }
}
