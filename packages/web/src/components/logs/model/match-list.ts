import type { Query } from '@kubidu/query/lazy';
import type { LogEntry } from '@kubidu/contracts';

import { IndexRanges } from './index-ranges.ts';
import type { IndexRange } from './index-ranges.ts';
import { LevelCounts } from './level-counts.ts';
import { lowerBound } from './matching-rows.ts';
import type { Known } from './matching-rows.ts';

/** Most matches that are kept; a query that finds more is one to narrow, and the rest stays unsearched. */
const MOST_MATCHES = 1_000_000;

/**
 * What is known of a query about one stream: which indexes match, and of which that is known at all. Grows by whatever
 * comes, in any order, from here or from the server, and never says anything twice.
 */
export class MatchList implements Known {
  readonly query: Query;
  readonly covered = new IndexRanges();
  /** When those that match were written. */
  readonly counts = new LevelCounts();
  #matches: number[] = [];

  constructor(query: Query) {
    this.query = query;
  }

  /** Ascending. Only ever grows at its end; anything else makes a new list. */
  get matches(): readonly number[] {
    return this.#matches;
  }

  get full(): boolean {
    return this.#matches.length >= MOST_MATCHES;
  }

  /** Asks the query about entries, ascending, that it was not asked about yet. Returns whether anything became known. */
  look(entries: readonly LogEntry[]): boolean {
    return this.lookAt([entries]);
  }

  /** The same for several lists of entries, each ascending; what matches is put in its place once for all of them. */
  lookAt(lists: readonly (readonly LogEntry[])[]): boolean {
    if (this.full) return false;
    const found: number[] = [];
    let news = false;
    for (const entries of lists) news = this.#ask(entries, found) || news;
    this.#insert(lists.length > 1 ? found.sort((a, b) => a - b) : found);
    return news;
  }

  /** Takes what the server found within a range: all that matches there, ascending. */
  learn(range: IndexRange, matches: readonly LogEntry[]): void {
    if (this.full) return;
    const unknown = this.covered.missing(range.from, range.to);
    const indexes = matches.map(({ index }) => index);
    const fresh = unknown.flatMap(({ from, to }) =>
      matches.slice(lowerBound(indexes, from), lowerBound(indexes, to + 1)),
    );
    this.covered.add(range.from, range.to);
    for (const { timestamp, level } of fresh) this.counts.add(timestamp, level);
    this.#insert(fresh.map(({ index }) => index));
  }

  /** How many match up to an index, itself included. */
  upTo(index: number): number {
    return lowerBound(this.#matches, index + 1);
  }

  /** The first match behind an index, undefined where none is known. */
  after(index: number): number | undefined {
    return this.#matches[this.upTo(index)];
  }

  /** The last match before an index. */
  before(index: number): number | undefined {
    return this.#matches[lowerBound(this.#matches, index) - 1];
  }

  has(index: number): boolean {
    return this.#matches[lowerBound(this.#matches, index)] === index;
  }

  /** Runs of consecutive entries become known as runs. */
  #ask(entries: readonly LogEntry[], found: number[]): boolean {
    const [first, last] = [entries[0]?.index ?? 1, entries.at(-1)?.index ?? 0];
    let place = 0;
    let news = false;
    for (const { from, to } of this.covered.missing(first, last)) {
      let run: IndexRange | undefined;
      while (place < entries.length && (entries[place] as LogEntry).index < from) place++;
      for (; place < entries.length && (entries[place] as LogEntry).index <= to; place++) {
        const entry = entries[place] as LogEntry;
        if (this.query.matches(entry)) {
          found.push(entry.index);
          this.counts.add(entry.timestamp, entry.level);
        }
        if (run !== undefined && entry.index !== run.to + 1) this.covered.add(run.from, run.to);
        run =
          run?.to === entry.index - 1 ? { from: run.from, to: entry.index } : { from: entry.index, to: entry.index };
        news = true;
      }
      if (run !== undefined) this.covered.add(run.from, run.to);
    }
    return news;
  }

  #insert(fresh: readonly number[]): void {
    const [first] = fresh;
    if (first === undefined) return;
    const place = lowerBound(this.#matches, first);
    if (place === this.#matches.length) {
      for (const index of fresh) this.#matches.push(index);
      return;
    }
    const tail = this.#matches.slice(place);
    const apart = (tail[0] as number) > (fresh.at(-1) as number);
    const behind = apart ? fresh.concat(tail) : fresh.concat(tail).sort((a, b) => a - b);
    this.#matches = this.#matches.slice(0, place).concat(behind);
  }
}
