/** Indexes `from` to `to`, both included. */
export interface IndexRange {
  readonly from: number;
  readonly to: number;
}

/** A set of indexes, kept as the stretches that it consists of: ascending, apart from each other. */
export class IndexRanges {
  #all: IndexRange[] = [];

  /** The stretches, ascending; two of them never touch. */
  get all(): readonly IndexRange[] {
    return this.#all;
  }

  add(from: number, to: number): void {
    if (to < from) return;
    const first = this.#firstEndingAt(from - 1);
    let last = first;
    let merged = { from, to };
    for (; last < this.#all.length; last++) {
      const range = this.#all[last] as IndexRange;
      if (range.from > merged.to + 1) break;
      merged = { from: Math.min(range.from, merged.from), to: Math.max(range.to, merged.to) };
    }
    if (last === first + 1) this.#all[first] = merged;
    else this.#all.splice(first, last - first, merged);
  }

  has(index: number): boolean {
    return this.around(index) !== undefined;
  }

  /** The stretch that holds `index`. */
  around(index: number): IndexRange | undefined {
    const range = this.#all[this.#firstEndingAt(index)];
    return range !== undefined && range.from <= index ? range : undefined;
  }

  /** What of `from` to `to` is not in the set, ascending. */
  missing(from: number, to: number): IndexRange[] {
    const found: IndexRange[] = [];
    let next = from;
    for (let place = this.#firstEndingAt(from); place < this.#all.length && next <= to; place++) {
      const range = this.#all[place] as IndexRange;
      if (range.from > to) break;
      if (range.from > next) found.push({ from: next, to: range.from - 1 });
      next = Math.max(next, range.to + 1);
    }
    if (next <= to) found.push({ from: next, to });
    return found;
  }

  /** Place of the first stretch that ends at `index` or behind it. */
  #firstEndingAt(index: number): number {
    let low = 0;
    let high = this.#all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#all[middle] as IndexRange).to < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
