import type { Gap } from '@kubidu/contracts';

import { Batch } from './batch.ts';
import type { Excerpt } from './excerpt.ts';
import type { ReadRange, Stretch } from './log-store.ts';
import { PAGE_SIZE } from './page.ts';
import { Passed } from './passed.ts';
import type { QueryFilter } from './query-filter.ts';
import { inOrder } from './tail.ts';

/** What was found, and how far it was looked for. */
export interface Scan {
  /** What matches, ascending, and what can no longer be had: together with what does not match they leave no hole. */
  readonly parts: readonly (Excerpt | Gap)[];
  /** The next scan's `after`, or its `before`: everything up to there was looked at. */
  readonly edge: number;
  /** Entries that were looked at, and a hundredth of those that were passed over. */
  readonly scanned: number;
}

/** What passing over one entry costs, where looking at it costs 1. */
const PASSING = 0.01;

/** A page's parts in the order of their indexes. */
export function partsOf(page: Stretch): (Batch | Passed | Gap)[] {
  const parts = inOrder(page);
  if (!page.passed) return parts;
  const begin = (part: Batch | Passed | Gap) => ('from' in part ? part.from : part.first);
  return [...parts, ...page.passed].sort((a, b) => begin(a) - begin(b));
}

/** Where one is that looks for what a filter selects, and what was found on the way. */
export class Walk {
  readonly #filter: QueryFilter;
  readonly #forward: boolean;
  readonly #parts: (Excerpt | Gap)[] = [];
  #edge: number;
  #room: number;
  #size = 0;
  #looked = 0;
  #passed = 0;

  constructor(edge: number, limit: number, filter: QueryFilter, forward = false) {
    this.#edge = edge;
    this.#room = limit;
    this.#filter = filter;
    this.#forward = forward;
  }

  /** How many more it looks for. */
  get room(): number {
    return this.#room;
  }

  get wantsMore(): boolean {
    return this.#room > 0 && this.#size < PAGE_SIZE;
  }

  get scanned(): number {
    return this.#looked + Math.ceil(this.#passed * PASSING);
  }

  range(limit: number): ReadRange {
    const { sieve } = this.#filter;
    return this.#forward ? { after: this.#edge, limit, sieve } : { before: this.#edge, limit, sieve };
  }

  /** Takes the parts of a page, which ascend. */
  take(page: readonly (Batch | Passed | Gap)[]): void {
    for (const part of this.#forward ? page : page.toReversed()) {
      if (!this.wantsMore) return;
      if (part instanceof Batch) this.#batch(part);
      else if (part instanceof Passed) {
        this.#passed += part.last - part.first + 1;
        this.#edge = this.#forward ? part.last : part.first;
      } else {
        this.#parts.push(part);
        this.#edge = this.#forward ? part.to : part.from;
      }
    }
  }

  result(): Scan {
    return { parts: this.#forward ? this.#parts : this.#parts.toReversed(), edge: this.#edge, scanned: this.scanned };
  }

  #batch(batch: Batch): void {
    this.#looked += batch.count;
    const found = this.#filter.select(batch).take(this.#room, this.#forward ? 'first' : 'last');
    this.#room -= found.lines.length;
    for (const line of found.lines) this.#size += line.length;
    if (found.lines.length > 0) this.#parts.push(found);
    // Where there was no room for all, the others are looked for from behind the last one that was taken.
    const through = this.#room > 0 ? undefined : found.indexes.at(this.#forward ? -1 : 0);
    this.#edge = through ?? (this.#forward ? batch.last : batch.first);
  }
}
