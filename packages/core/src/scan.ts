import type { Gap } from '@kubidu/contracts';

import { Batch } from './batch.ts';
import { Excerpt } from './excerpt.ts';
import type { ReadRange, Stretch } from './log-store.ts';
import { PAGE_SIZE } from './page.ts';
import type { QueryFilter } from './query-filter.ts';
import { inOrder } from './tail.ts';

/** What a scan may cost. */
export interface ScanOptions {
  /** Entries after which it stops looking, or a little more: what is read together is looked at together. */
  readonly most: number;
  readonly signal?: AbortSignal | undefined;
}

/** What was found, and how far it was looked for. */
export interface Scan {
  /** What matches, ascending, and what can no longer be had: together with what does not match they leave no hole. */
  readonly parts: readonly (Excerpt | Gap)[];
  /** The next scan's `after`, or its `before`: everything up to there was looked at. */
  readonly edge: number;
  /** Entries that were looked at. */
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
    const page = inOrder(await read(walk.range(Math.min(CHUNK, most))));
    if (page.length === 0) break;
    walk.take(page);
    await new Promise(setImmediate);
  }
  return walk.result();
}

/** Where a scan is. */
class Walk {
  readonly #filter: QueryFilter;
  readonly #forward: boolean;
  readonly #parts: (Excerpt | Gap)[] = [];
  #edge: number;
  #room: number;
  #size = 0;
  scanned = 0;

  constructor(edge: number, limit: number, filter: QueryFilter, forward = false) {
    this.#edge = edge;
    this.#room = limit;
    this.#filter = filter;
    this.#forward = forward;
  }

  get wantsMore(): boolean {
    return this.#room > 0 && this.#size < PAGE_SIZE;
  }

  range(limit: number): ReadRange {
    return this.#forward ? { after: this.#edge, limit } : { before: this.#edge, limit };
  }

  /** Takes the parts of a page, which ascend. */
  take(page: readonly (Batch | Gap)[]): void {
    for (const part of this.#forward ? page : page.toReversed()) {
      if (!this.wantsMore) return;
      if (part instanceof Batch) this.#batch(part);
      else {
        this.#parts.push(part);
        this.#edge = this.#forward ? part.to : part.from;
      }
    }
  }

  result(): Scan {
    return { parts: this.#forward ? this.#parts : this.#parts.toReversed(), edge: this.#edge, scanned: this.scanned };
  }

  #batch(batch: Batch): void {
    this.scanned += batch.lines.length;
    const found = this.#filter.select(batch).take(this.#room, this.#forward ? 'first' : 'last');
    this.#room -= found.lines.length;
    for (const line of found.lines) this.#size += line.length;
    if (found.lines.length > 0) this.#parts.push(found);
    // Where there was no room for all, the others are looked for from behind the last one that was taken.
    const through = this.#room > 0 ? undefined : found.indexes.at(this.#forward ? -1 : 0);
    this.#edge = through ?? (this.#forward ? batch.last : batch.first);
  }
}
