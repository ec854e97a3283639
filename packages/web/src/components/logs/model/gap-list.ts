import type { IndexRange } from './index-ranges.ts';

/** Why indexes cannot be had: the words of the SDK. */
export type HoleReason = 'expired' | 'trimmed' | 'unexplained';

/** Indexes that cannot be had, one row of the viewer. */
export interface Hole extends IndexRange {
  readonly reason: HoleReason;
}

/**
 * Where the entries of a stream stand among the rows of a viewer: each index is a row, and each hole is one row,
 * however many indexes it swallows. Rows count from 0; every lookup is logarithmic in the number of holes.
 */
export class GapList {
  #holes: Hole[] = [];
  /** Rows saved by the holes before the one at the same place. */
  #saved: number[] = [];

  get holes(): readonly Hole[] {
    return this.#holes;
  }

  /** As it is now, whatever is added to this one later. */
  frozen(): GapList {
    const copy = new GapList();
    copy.#holes = this.#holes;
    copy.#saved = this.#saved;
    return copy;
  }

  /** Adds what is not yet in a hole of `hole`; neighbours for the same reason become one. */
  add(hole: Hole): void {
    let { from } = hole;
    const fresh: Hole[] = [];
    for (const known of this.#holes) {
      if (known.to < from) continue;
      if (known.from > hole.to) break;
      if (known.from > from) fresh.push({ from, to: known.from - 1, reason: hole.reason });
      from = Math.max(from, known.to + 1);
    }
    if (from <= hole.to) fresh.push({ from, to: hole.to, reason: hole.reason });
    if (fresh.length > 0) this.#set([...this.#holes, ...fresh]);
  }

  /** The hole that holds `index`. */
  at(index: number): Hole | undefined {
    const hole = this.#holes[this.#firstEndingAt(index)];
    return hole !== undefined && hole.from <= index ? hole : undefined;
  }

  /** The row in which `index` stands. */
  rowOf(index: number): number {
    const place = this.#firstEndingAt(index);
    const hole = this.#holes[place];
    const saved = this.#saved[place] ?? 0;
    return (hole !== undefined && hole.from < index ? hole.from : index) - 1 - saved;
  }

  /** The first index in a row. */
  indexAt(row: number): number {
    let low = 0;
    let high = this.#holes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#holes[middle] as Hole).from - 1 - (this.#saved[middle] as number) < row) low = middle + 1;
      else high = middle;
    }
    return row + 1 + (this.#saved[low] ?? 0);
  }

  #set(holes: Hole[]): void {
    holes.sort((a, b) => a.from - b.from);
    const merged: Hole[] = [];
    for (const hole of holes) {
      const before = merged.at(-1);
      if (before !== undefined && before.to + 1 === hole.from && before.reason === hole.reason)
        merged[merged.length - 1] = { ...before, to: hole.to };
      else merged.push(hole);
    }
    this.#holes = merged;
    this.#saved = [0];
    for (const [place, { from, to }] of merged.entries())
      this.#saved.push((this.#saved[place] as number) + (to - from));
  }

  #firstEndingAt(index: number): number {
    let low = 0;
    let high = this.#holes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#holes[middle] as Hole).to < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
