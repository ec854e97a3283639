import { ClientError } from '@kubidu/client';
import { compile } from '@kubidu/query/lazy';
import type { LogEntry } from '@kubidu/contracts';

import type { IndexRange } from './index-ranges.ts';
import type { LogSource } from './log-source.ts';
import type { LogWindow } from './log-window.ts';
import { MatchList } from './match-list.ts';
import { inSlices } from './slices.ts';

/** Matches of one page that is asked of the server. */
const PAGE = 500;

/** Matches of a search that are put in their places together. */
const AT_ONCE = 500;

/** Matches after which a search stops until somebody wants more: the source's limit for one. */
const MOST_FOUND = 10_000;

/** A search over the history, as far as it came. */
export interface Progress {
  readonly is: 'idle' | 'searching' | 'stopped' | 'done' | 'failed';
  /** It looked at everything from here on; undefined before it looked at anything. */
  readonly scannedTo: number | undefined;
  /** When the last entry that it found was written: how far back it is, in the words of a person. */
  readonly reached: string | undefined;
  readonly error: ClientError | undefined;
}

const IDLE: Progress = { is: 'idle', scannedTo: undefined, reached: undefined, error: undefined };

/**
 * One query on one stream: asks every entry at hand, at once those near where one reads and the others in slices; every
 * one that comes; and the server about what is not at hand, a page at a time or the whole history in one search.
 */
export class Matcher {
  readonly list: MatchList;
  readonly #window: LogWindow;
  readonly #source: LogSource;
  readonly #stop = new AbortController();
  readonly #leave: () => void;
  #search: AbortController | undefined;
  #asking = false;
  #scanning = true;
  #progress = IDLE;

  /** @throws {QueryError} where the query does not parse */
  constructor(text: string, { window, source, near }: { window: LogWindow; source: LogSource; near: number }) {
    this.list = new MatchList(compile(text));
    this.#window = window;
    this.#source = source;
    this.#leave = window.onEntries((entries) => this.#onEntries(entries));
    this.#scan(near);
  }

  get progress(): Progress {
    return this.#progress;
  }

  /** Whether what is at hand was all looked at. */
  get scanned(): boolean {
    return !this.#scanning;
  }

  /** Asks the server about indexes that are not known: from their end backwards, or from their beginning on. */
  extend({ from, to }: IndexRange, direction: 'back' | 'on'): void {
    if (this.#asking || this.#scanning || this.list.full || this.#progress.is === 'searching') return;
    this.#asking = true;
    const range = direction === 'back' ? { before: to + 1 } : { after: from - 1 };
    this.#source
      .page({ ...range, limit: PAGE, query: this.list.query.text }, this.#stop.signal)
      .then((page) => {
        const { previous, next } = page;
        const known =
          direction === 'back'
            ? { from: Math.min(previous ?? 1, to), to }
            : { from, to: Math.max(from, next ?? Math.max(to, page.lastIndex)) };
        this.#window.take(page.entries);
        this.list.learn(known, page.entries);
      })
      .catch((error: unknown) => this.#onFailure(error))
      .finally(() => {
        this.#asking = false;
        this.#window.changed();
      });
  }

  /** Searches everything before what is known, back to the beginning, until it is done or stopped. */
  searchHistory(): void {
    if (this.#progress.is === 'searching') return;
    const last = this.#window.getSnapshot().last;
    const newest = this.list.covered.around(last)?.from ?? last + 1;
    const search = new AbortController();
    this.#search = search;
    this.#set({ is: 'searching', scannedTo: newest, error: undefined });
    this.#walk(newest, AbortSignal.any([search.signal, this.#stop.signal])).catch((error: unknown) => {
      if (!search.signal.aborted) this.#onFailure(error);
    });
  }

  /** Ends the search; what it found stays. */
  stopSearch(): void {
    if (this.#progress.is !== 'searching') return;
    this.#search?.abort();
    this.#set({ is: 'stopped' });
  }

  /** Ends everything under way. */
  close(): void {
    this.#stop.abort();
    this.#leave();
  }

  #onEntries(entries: readonly LogEntry[]): void {
    this.list.look(entries);
  }

  #scan(near: number): void {
    const blocks = this.#window.cache.nearest(near);
    const { list } = this;
    let first = true;
    const steps = (function* () {
      for (let block = blocks.next(); block.done !== true; block = blocks.next()) {
        // The first alone, for the answer that is waited for; then some together.
        const some = [block.value];
        while (!first && some.length < 16) {
          const next = blocks.next();
          if (next.done === true) break;
          some.push(next.value);
        }
        first = false;
        yield list.lookAt(some);
      }
    })();
    inSlices(steps, () => this.#window.changed(), this.#stop.signal).then(
      () => {
        this.#scanning = false;
        this.#window.changed();
      },
      (error: unknown) => this.#onFailure(error),
    );
  }

  async #walk(newest: number, signal: AbortSignal): Promise<void> {
    let found: LogEntry[] = [];
    let known = newest;
    let taken = 0;
    const learn = (to: number) => {
      const reached = found.at(-1)?.timestamp ?? this.#progress.reached;
      this.#window.take(found.reverse());
      this.list.learn({ from: to, to: known - 1 }, found);
      found = [];
      known = to;
      this.#set({ scannedTo: to, reached });
    };
    for await (const item of this.#source.search(this.list.query.text, newest, signal)) {
      if (signal.aborted) return;
      if (item.type === 'match') {
        found.push(item.entry);
        taken++;
        // Between two of them nothing matches: what lies behind the last one is known.
        if (found.length >= AT_ONCE) learn(item.entry.index);
      } else if (item.type === 'progress') {
        if (item.scannedTo < known) learn(Math.max(1, item.scannedTo));
      } else {
        if (item.reason === 'beginning') learn(1);
        else if (found.length > 0) learn((found.at(-1) as LogEntry).index);
        const goesOn = item.reason === 'time' && known > 1 && known < newest && taken < MOST_FOUND;
        if (goesOn) return this.#walk(known, signal);
        this.#set({ is: item.reason === 'beginning' ? 'done' : 'stopped' });
        return;
      }
    }
  }

  #onFailure(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    const failure = error instanceof ClientError ? error : new ClientError('NOT_KUBIDU', String(error));
    this.#set({ is: 'failed', error: failure });
  }

  #set(change: Partial<Progress>): void {
    this.#progress = { ...this.#progress, ...change };
    this.#window.changed();
  }
}
