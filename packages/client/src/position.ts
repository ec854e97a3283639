import type { LogEntry } from '@kubidu/contracts';

/** How often the same indexes are asked for again before they are given up as `unexplained`. */
const REFETCHES = 3;

/** What to make of a server that jumps over indexes. */
export type Jump =
  /** It speaks of an older request: the answer to the newer one is on the way. */
  | 'stale'
  /** Ask for what lies between; `attempt` counts from 1. */
  | { readonly attempt: number; readonly gap?: undefined }
  /** Asked often enough: these indexes are missing, and what was jumped to may follow. */
  | { readonly gap: { readonly from: number; readonly to: number }; readonly attempt?: undefined };

/** How far one stream was read, by index: tells of what comes what is new, what was had, and what was left out. */
export class Position {
  /** Whether only what matches comes: then what is left out does not match. */
  readonly #filtered: boolean;
  /** Index of the last entry had; undefined until the first came. */
  #last: number | undefined;
  /** With a query: up to here the server found nothing behind `last`. */
  #unmatched = 0;
  #awaitsHistory = false;
  #refetchAfter = -1;
  #refetches = 0;
  #repeats = 0;
  #holes = 0;

  constructor(sinceIndex: number | undefined, filtered: boolean) {
    this.#last = sinceIndex;
    this.#filtered = filtered;
  }

  /** Entries that came although they had come before. */
  get repeats(): number {
    return this.#repeats;
  }

  /** Times that indexes were left out without a word. */
  get holes(): number {
    return this.#holes;
  }

  /** After which index to ask; undefined where nothing is known yet. */
  get after(): number | undefined {
    return this.#unmatched > 0 ? Math.max(this.#last ?? 0, this.#unmatched) : this.#last;
  }

  /** It was asked anew: what comes before the answer is not to be judged. */
  awaitHistory(): void {
    this.#awaitsHistory = true;
  }

  /** The answer begins. `atHead`: nothing older than the head was asked for. */
  history(entries: readonly LogEntry[], lastIndex: number, atHead: boolean): void {
    this.#awaitsHistory = false;
    // With nothing to start from, what comes next is the first after the head.
    if (this.#last === undefined && entries.length === 0 && (atHead || lastIndex === 0)) this.#last = lastIndex;
    // Nothing matched as far as that: no need to look through it again after an outage.
    if (this.#filtered && entries.length === 0) this.#unmatched = lastIndex;
  }

  /** What of the entries, of which there is one at least, is new and follows, and the rest behind a jump. */
  take(entries: LogEntry[]): { fresh: LogEntry[]; rest: LogEntry[] } {
    let last = (this.#last ??= (entries[0] as LogEntry).index - 1);
    this.#unmatched = 0;
    let from = 0;
    while (from < entries.length && (entries[from] as LogEntry).index <= last) from++;
    this.#repeats += this.#awaitsHistory ? 0 : from;
    let to = from;
    while (to < entries.length && this.#follows((entries[to] as LogEntry).index, last)) {
      last = (entries[to] as LogEntry).index;
      to++;
    }
    this.#last = last;
    return { fresh: from === 0 && to === entries.length ? entries : entries.slice(from, to), rest: entries.slice(to) };
  }

  /** Whether everything up to `index` was had or told of. */
  isBeyond(index: number): boolean {
    return index <= (this.#last ?? 0);
  }

  /** Whether `index`, should it come next, would leave others out. */
  skipsTo(index: number): boolean {
    return !this.#filtered && this.#last !== undefined && index > this.#last + 1;
  }

  /** Takes note of indexes that cannot be had; returns the first of them that is news. */
  pass(from: number, to: number): number {
    const first = Math.max(from, (this.#last ?? 0) + 1);
    this.#last = to;
    this.#unmatched = 0;
    return first;
  }

  /** The server jumps to `index`. */
  jump(index: number): Jump {
    if (this.#awaitsHistory) return 'stale';
    const last = this.#last ?? 0;
    this.#holes++;
    this.#refetches = this.#refetchAfter === last ? this.#refetches + 1 : 1;
    this.#refetchAfter = last;
    if (this.#refetches <= REFETCHES) return { attempt: this.#refetches };
    this.#last = index - 1;
    return { gap: { from: last + 1, to: index - 1 } };
  }

  /** Whether `index` may come next after `last`. */
  #follows(index: number, last: number): boolean {
    return this.#filtered ? index > last : index === last + 1;
  }
}
