import type { Summary } from './sieve.ts';

/**
 * Consecutive entries of one stream that were passed over: they are there, and what is known of them says that none is
 * asked for, so that nobody read them.
 */
export class Passed {
  /** Index of the first entry. */
  readonly first: number;
  /** Index of the last entry. */
  readonly last: number;
  /** Of these and maybe others that lie with them; only where the sieve keeps summaries. */
  readonly summary?: Summary;

  constructor(first: number, last: number, summary?: Summary) {
    this.first = first;
    this.last = last;
    if (summary) this.summary = summary;
  }

  /** Those with an index after `after` and up to `through`; undefined where there is none. */
  slice(after: number, through: number): Passed | undefined {
    const first = Math.max(after + 1, this.first);
    const last = Math.min(through, this.last);
    return first > last ? undefined : new Passed(first, last, this.summary);
  }
}
