/** Latencies of many lines in short. */
export interface Summary {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly lines: number;
}

const BUCKETS = 1_000_000;

/** Latencies in buckets of a hundredth of a millisecond up to 10 s: bounded memory, however many are measured. */
export class Quantiles {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;
  #max = 0;

  add(ms: number, times = 1): void {
    const bucket = Math.max(0, Math.min(BUCKETS - 1, Math.floor(ms * 100)));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + times;
    this.#total += times;
    if (ms > this.#max) this.#max = ms;
  }

  /** @param share from 0 to 1 */
  at(share: number): number {
    let seen = 0;
    for (let at = 0; at < BUCKETS; at++) {
      seen += this.#counts[at] ?? 0;
      if (seen >= share * this.#total) return at / 100;
    }
    return this.#max;
  }

  get summary(): Summary {
    return { p50: this.at(0.5), p99: this.at(0.99), max: Math.round(this.#max * 100) / 100, lines: this.#total };
  }
}
