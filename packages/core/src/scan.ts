import type { Gap } from '@kubidu/contracts';

import type { Excerpt } from './excerpt.ts';
import type { ReadRange, Stretch } from './log-store.ts';
import type { QueryFilter } from './query-filter.ts';
import { partsOf, Walk } from './walk.ts';

/** What a scan may cost. */
export interface ScanOptions {
  /**
   * Entries after which it stops looking, or a little more: what is read together is looked at together. Those that were
   * passed over count a hundredth.
   */
  readonly most: number;
  readonly signal?: AbortSignal | undefined;
}

/** What was found, and how far it was looked for. */
export interface Scan {
  /** What matches, ascending, and what can no longer be had: together with what does not match they leave no hole. */
  readonly parts: readonly (Excerpt | Gap)[];
  /** The next scan's `after`, or its `before`: everything up to there was looked at. */
  readonly edge: number;
  /** Entries that were looked at, and a hundredth of those that were passed over. */
  readonly scanned: number;
}

/** Entries read at once. */
const CHUNK = 5_000;

/**
 * Looks for at most `limit` entries that match, ascending from `after` or descending from `before`. Stops where there are
 * so many, where the stream does, or when it cost enough; lets the event loop turn after each chunk.
 * @throws whatever `read` throws, and the signal's reason
 */
export async function scan(
  read: (range: ReadRange) => Promise<Stretch>,
  range: ReadRange,
  filter: QueryFilter,
  { most, signal }: ScanOptions,
): Promise<Scan> {
  const walk =
    range.after === undefined
      ? new Walk(range.before, range.limit, filter)
      : new Walk(range.after, range.limit, filter, true);
  while (walk.wantsMore && walk.scanned < most) {
    signal?.throwIfAborted();
    const page = partsOf(await read(walk.range(Math.min(CHUNK, most))));
    if (page.length === 0) break;
    walk.take(page);
    await new Promise(setImmediate);
  }
  return walk.result();
}
