import type { ReadRange, Stretch } from './log-store.ts';
import type { QueryFilter } from './query-filter.ts';
import { partsOf, Walk } from './walk.ts';
import type { Scan } from './walk.ts';

export type { Scan } from './walk.ts';

/** What a scan may cost. */
export interface ScanOptions {
  /**
   * Entries after which it stops looking, or a little more: what is read together is looked at together. Those that were
   * passed over count a hundredth.
   */
  readonly most: number;
  readonly signal?: AbortSignal | undefined;
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
