import type { Batch } from './batch.ts';
import type { ReadRange, Stretch } from './log-store.ts';
import { pageOf } from './page.ts';

/** Characters that all rings of a process hold together. */
export class RingBudget {
  readonly #maxSize: number;
  readonly #rings = new Set<Ring>();
  #size = 0;

  /** @param maxSize default 64 Mi characters */
  constructor(maxSize = 64 * 1024 * 1024) {
    this.#maxSize = maxSize;
  }

  /** Counts what a ring took or gave; beyond the bound, the ring that was written longest ago forgets. */
  count(ring: Ring, size: number): void {
    this.#size += size;
    this.#rings.delete(ring);
    if (ring.size > 0) this.#rings.add(ring);
    while (this.#size > this.#maxSize) {
      const oldest = this.#rings.values().next().value;
      if (!oldest) return;
      oldest.clear();
    }
  }
}

/** Most characters one ring holds: what a reader that was away for a moment asks for. A larger batch is not kept. */
const RING_SIZE = 2 * 1024 * 1024;

/** The newest batches of one stream, without a hole between them. */
export class Ring {
  readonly #budget: RingBudget;
  #batches: Batch[] = [];
  #sizes: number[] = [];
  #size = 0;

  constructor(budget: RingBudget) {
    this.#budget = budget;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds the batch that follows the last one. */
  push(batch: Batch): void {
    const before = this.#size;
    const size = batch.lines.reduce((sum, line) => sum + line.length, 0);
    this.#batches.push(batch);
    this.#sizes.push(size);
    this.#size += size;
    let oldest = 0;
    while (this.#size > RING_SIZE) this.#size -= this.#sizes[oldest++] ?? 0;
    this.#batches.splice(0, oldest);
    this.#sizes.splice(0, oldest);
    this.#budget.count(this, this.#size - before);
  }

  /** The page, if everything it could hold is here; `last` is the stream's last index. */
  read(range: ReadRange, last: number): Stretch | undefined {
    const first = this.#batches[0]?.first;
    if (first === undefined) return undefined;
    // `before` may lie beyond the last entry: the newest are asked for then.
    const from = range.after === undefined ? Math.min(range.before, last + 1) - range.limit : range.after + 1;
    if (Math.max(from, 1) < first) return undefined;
    const { batches, gaps } = pageOf(this.#near(from), { firstIndex: first, lastIndex: last }, range);
    return { batches, gaps };
  }

  clear(): void {
    const size = this.#size;
    this.#batches = [];
    this.#sizes = [];
    this.#size = 0;
    this.#budget.count(this, -size);
  }

  /** The batches from the one that holds `index` on, found by halves. */
  #near(index: number): Batch[] {
    let low = 0;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#batches[middle]?.last ?? 0) < index) low = middle + 1;
      else high = middle;
    }
    return this.#batches.slice(low);
  }
}
