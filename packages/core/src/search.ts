import { Batch } from './batch.ts';
import type { ReadRange, Stretch } from './log-store.ts';
import type { QueryFilter } from './query-filter.ts';
import { partsOf, Walk } from './walk.ts';
import type { Scan } from './walk.ts';

/** Where a search begins, and how many it looks for. */
export interface SearchRange {
  /** Entries whose index is less. */
  readonly before: number;
  readonly limit: number;
}

/** What one step of a search found. */
export interface SearchStep extends Scan {
  /** Characters of the entries that were looked at; those that were passed over have none. */
  readonly size: number;
}

/** Entries of the first read; a search often finds soon what it is for. */
const FIRST = 2_000;
/** Entries of a later read. It ends earlier where they are large: at {@link PAGE_SIZE}. */
const MOST = 100_000;

/** Characters that are looked at in one turn of the event loop, or a member of the archive. */
const A_TURN = 256 * 1024;

/**
 * Looks backwards for what a filter selects, until it found `limit` or there is no more: one step for each batch, while
 * the next read is under way. The event loop turns between steps. Whoever stops taking steps stops the search; the
 * read that is under way is not waited for, and ends with the signal.
 * @throws whatever `read` throws, and the signal's reason
 */
export async function* search(
  read: (range: ReadRange) => Promise<Stretch>,
  { before, limit }: SearchRange,
  filter: QueryFilter,
  signal: AbortSignal,
): AsyncGenerator<SearchStep> {
  const { sieve } = filter;
  let count = FIRST;
  const readBefore = (edge: number): Promise<Stretch> => {
    const reading = read({ before: edge, limit: count, sieve, signal });
    // Whoever awaits it learns of it; nobody may.
    reading.catch(() => undefined);
    count = Math.min(count * 4, MOST);
    return reading;
  };
  let room = limit;
  let edge = before;
  let since = 0;
  for (let reading: Promise<Stretch> | undefined = readBefore(before); reading;) {
    const page = partsOf(await reading);
    signal.throwIfAborted();
    const [farthest] = page;
    const end = farthest && ('from' in farthest ? farthest.from : farthest.first);
    reading = end !== undefined && end > 1 ? readBefore(end) : undefined;
    for (const part of page.reverse()) {
      const walk = new Walk(edge, room, filter);
      walk.take([part]);
      const size = part instanceof Batch ? part.size : 0;
      yield { ...walk.result(), size };
      signal.throwIfAborted();
      room = walk.room;
      if (room <= 0) return;
      edge = walk.result().edge;
      since += size;
      if (since < A_TURN) continue;
      since = 0;
      await new Promise(setImmediate);
    }
  }
}
