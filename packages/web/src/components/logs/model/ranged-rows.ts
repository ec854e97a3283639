import type { Row, RowSpace } from './row-space.ts';

/** Only the rows of some indexes of another space. */
export class RangedRows implements RowSpace {
  readonly length: number;
  readonly #of: RowSpace;
  readonly #start: number;

  /** From the row at `from` to the one at `to`, both included. */
  constructor(of: RowSpace, from: number, to: number) {
    this.#of = of;
    this.#start = startOf(of, from);
    const end = of.length === 0 ? -1 : of.rowOf(to);
    this.length = Math.max(0, end - this.#start + 1);
  }

  at(row: number): Row {
    return this.#of.at(row + this.#start);
  }

  rowOf(index: number): number {
    return Math.min(Math.max(0, this.#of.rowOf(index) - this.#start), Math.max(0, this.length - 1));
  }
}

/** The row of the first that is at `from` or behind it: a space answers with the one before where it has none. */
function startOf(of: RowSpace, from: number): number {
  if (of.length === 0) return 0;
  const row = of.rowOf(from);
  const there = of.at(row);
  return (there.is === 'entry' ? there.index : there.to) < from ? row + 1 : row;
}
