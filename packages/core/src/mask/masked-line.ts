/** What stands in the place of each thing that was masked. */
const MASK = '***';
const LINE_BREAK = /[\r\n]/;

/** A text, and the ranges of it that are to be masked. */
export class MaskedLine {
  readonly given: string;
  /** Begin, end (exclusive), begin, end …, in any order, overlapping or not. */
  readonly #ranges: number[] = [];
  #broken: boolean | undefined;

  constructor(given: string) {
    this.given = given;
  }

  cover(begin: number, end: number): void {
    if (begin < end) this.#ranges.push(begin, end);
  }

  /** Covers the last `count` characters before `end`, line breaks not counted. Returns how many of them it does not have. */
  coverBefore(end: number, count: number): number {
    const begin = this.beginOf(end, count);
    this.cover(Math.max(begin, 0), end);
    return Math.max(-begin, 0);
  }

  /** Where they begin; where there are less, how many are missing, as a negative number. */
  beginOf(end: number, count: number): number {
    this.#broken ??= LINE_BREAK.test(this.given);
    if (!this.#broken) return end - count;
    let at = end;
    let missing = count;
    while (missing > 0 && at > 0) if (!LINE_BREAK.test(this.given.charAt(--at))) missing--;
    return missing > 0 ? -missing : at;
  }

  /** The text with one `***` for each run of ranges that touch each other, and how many there are. */
  masked(): { readonly text: string; readonly count: number } {
    const kept: string[] = [];
    let done = -1;
    for (const [begin, end] of this.#sorted()) {
      if (begin > done) kept.push(this.given.slice(Math.max(done, 0), begin));
      done = Math.max(done, end);
    }
    if (kept.length === 0) return { text: this.given, count: 0 };
    return { text: kept.join(MASK) + MASK + this.given.slice(done), count: kept.length };
  }

  #sorted(): (readonly [begin: number, end: number])[] {
    const sorted: (readonly [number, number])[] = [];
    for (let at = 0; at < this.#ranges.length; at += 2) sorted.push([this.#ranges[at] ?? 0, this.#ranges[at + 1] ?? 0]);
    return sorted.sort(([a], [b]) => a - b);
  }
}
