import type { GapList, HoleReason } from './gap-list.ts';

/** What stands in one row. */
export type Row =
  | { readonly is: 'entry'; readonly index: number }
  /** Indexes that cannot be had. */
  | { readonly is: 'hole'; readonly from: number; readonly to: number; readonly reason: HoleReason }
  /** Indexes of which is not known yet whether they match. */
  | { readonly is: 'unsearched'; readonly from: number; readonly to: number };

/** The rows of a viewer, from 0: what stands in each, and where an index stands. Does not change; a change makes a new one. */
export interface RowSpace {
  readonly length: number;
  at(row: number): Row;
  /** The row of an index; where it has none, that of the last index before it, and 0 before all. */
  rowOf(index: number): number;
}

/** The same for the same content, whatever is added before or behind it. */
export function keyOf(row: Row): number | string {
  return row.is === 'entry' ? row.index : `${row.is}-${row.from}`;
}

/** The index at which a row begins. */
export function indexOf(row: Row): number {
  return row.is === 'entry' ? row.index : row.from;
}

/** Every index from 1 to `last`, each in a row of its own, save for what is gone: a row for each hole. */
export class WholeRows implements RowSpace {
  readonly length: number;
  readonly #gaps: GapList;
  readonly #last: number;

  constructor(gaps: GapList, last: number) {
    this.#gaps = gaps.frozen();
    this.#last = last;
    this.length = last === 0 ? 0 : gaps.rowOf(last) + 1;
  }

  at(row: number): Row {
    const index = this.#gaps.indexAt(row);
    const hole = this.#gaps.at(index);
    return hole === undefined ? { is: 'entry', index } : { is: 'hole', ...hole };
  }

  rowOf(index: number): number {
    if (this.length === 0) return 0;
    return this.#gaps.rowOf(Math.min(Math.max(1, index), this.#last));
  }
}
