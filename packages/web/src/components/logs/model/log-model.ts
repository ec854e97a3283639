import { loadPatterns, PatternsAbsent, QueryError } from '@kubidu/query/lazy';
import type { Query } from '@kubidu/query/lazy';
import type { LogEntry, LogPage } from '@kubidu/contracts';

import type { LogView } from '../log-view.ts';
import type { EntryCacheOptions } from './entry-cache.ts';
import { filterQuery } from './filter-query.ts';
import type { Frames } from './frames.ts';
import type { IndexRange } from './index-ranges.ts';
import { HistoryHistogram } from './history-histogram.ts';
import type { LevelCounts } from './level-counts.ts';
import type { LogSource, PageRequest } from './log-source.ts';
import { LogWindow } from './log-window.ts';
import type { WindowSnapshot } from './log-window.ts';
import { MatchingRows } from './matching-rows.ts';
import { Matcher } from './matcher.ts';
import type { Progress } from './matcher.ts';
import { PAGE } from './page-loader.ts';
import { RangedRows } from './ranged-rows.ts';
import { indexOf, WholeRows } from './row-space.ts';
import type { RowSpace } from './row-space.ts';
import { Traces } from './traces.ts';

/** Rows around those that are seen in which the server is asked about what is not known yet. */
const AHEAD = 40;

/** What is searched for, as far as it is known. */
export interface Search {
  readonly query: Query;
  /** Indexes that match, ascending, among those shown. */
  readonly matches: readonly number[];
  /** When all that are known were written. */
  readonly counts: LevelCounts;
  readonly progress: Progress;
  /** Whether everything that is shown was looked at: else there may be more than `matches`. */
  readonly complete: boolean;
}

/** Everything a viewer draws, as it was at one moment. */
export interface LogSnapshot extends WindowSnapshot {
  readonly rows: RowSpace;
  readonly search: Search | undefined;
  /** Why the query does not parse. */
  readonly queryError: QueryError | undefined;
  /** Whether only what matches something is shown. */
  readonly filtered: boolean;
  /** Whether not all is shown: only what matches something, or a stretch. */
  readonly narrowed: boolean;
}

/** What of a view decides which rows there are. */
export type Chosen = Pick<LogView, 'query' | 'only' | 'level' | 'pods' | 'containers' | 'step' | 'from' | 'to'>;

/** Which lines are shown: those of a stretch, and with a query only what matches. */
export interface Shown extends IndexRange {
  readonly query: string | undefined;
}

/** What a {@link LogModel} works with; the source stays its owner's. */
export interface LogModelOptions {
  readonly source: LogSource;
  readonly frames: Frames;
  readonly cache?: EntryCacheOptions;
  readonly now?: () => number;
  /** Fetches what runs patterns; default: from where the dashboard comes from. */
  readonly loadPatterns?: () => Promise<void>;
}

/** A viewer's state without anything drawn: a window on a stream, what is filtered and what is searched for. */
export class LogModel {
  readonly window: LogWindow;
  readonly histogram: HistoryHistogram;
  readonly traces: Traces;
  readonly #source: LogSource;
  readonly #loadPatterns: () => Promise<void>;
  readonly #listeners = new Set<() => void>();
  #chosen: Chosen = {};
  /** What was chosen last, whether or not it parses. */
  #asked: Chosen = {};
  #filter: Matcher | undefined;
  #search: Matcher | undefined;
  #queryError: QueryError | undefined;
  /** Where one reads: what is nearest is looked at first. */
  #near = Number.MAX_SAFE_INTEGER;
  #snapshot: LogSnapshot;

  constructor(options: LogModelOptions) {
    this.#source = options.source;
    this.#loadPatterns = options.loadPatterns ?? loadPatterns;
    this.window = new LogWindow(options);
    this.traces = new Traces(this.window.cache);
    this.histogram = new HistoryHistogram({ now: Date.now, ...options, window: this.window });
    this.window.onEntries((entries) => this.traces.look(entries));
    this.#snapshot = this.#look();
    this.window.subscribe(() => this.#tell());
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The same object until something changed. */
  readonly getSnapshot = (): LogSnapshot => this.#snapshot;

  /** From when to when what is at hand was written, in milliseconds since 1970. */
  loadedTimes(): { from: number; to: number }[] {
    return this.window.cache
      .stretches()
      .map(([first, last]) => ({ from: Date.parse(first.timestamp), to: Date.parse(last.timestamp) }))
      .filter(({ from, to }) => from <= to);
  }

  entry(index: number): LogEntry | undefined {
    return this.window.cache.get(index);
  }

  /**
   * Takes what was chosen, at once for what is at hand. What does not parse leaves everything as it was, and so does the
   * first pattern until what runs patterns was fetched.
   */
  choose(chosen: Chosen): void {
    this.#asked = chosen;
    const { query = '', only = false } = chosen;
    const filterText = filterQuery(chosen, only ? query : '');
    const searchText = query.trim() === '' ? '' : filterQuery(chosen, query);
    try {
      const filter = this.#matcher(filterText);
      const search = this.#matcher(searchText, filter);
      for (const old of [this.#filter, this.#search]) if (old !== filter && old !== search) old?.close();
      this.#filter = filter;
      this.#search = search;
      this.#queryError = undefined;
      this.#chosen = chosen;
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      this.#queryError = error;
      if (error instanceof PatternsAbsent) this.#chooseWithPatterns(chosen, error);
    }
    this.#tell();
  }

  /** Says which rows are seen: what they show is read and kept, what lies ahead of them, and lines that are `held`. */
  see(first: number, last: number, held: readonly number[] = []): void {
    const { rows } = this.#snapshot;
    if (rows.length === 0) return;
    const from = rows.at(Math.max(0, first));
    const to = rows.at(Math.min(rows.length - 1, last));
    this.#near = indexOf(from);
    const kept = held.map((index) => ({ from: index, to: index }));
    if (this.#filter === undefined) {
      const start = Math.floor((indexOf(from) - 1) / PAGE) * PAGE + 1;
      const end = Math.ceil(indexOf(to) / PAGE) * PAGE;
      this.window.want([
        { from: start, to: end },
        { from: start - PAGE, to: start - 1 },
        { from: end + 1, to: end + PAGE },
        ...kept,
      ]);
      return;
    }
    this.#seeMatches(this.#filter, Math.max(0, first), Math.min(rows.length - 1, last), kept);
  }

  /** Looks through the whole history for what is searched for. */
  searchHistory(): void {
    this.#search?.searchHistory();
  }

  stopSearch(): void {
    this.#search?.stopSearch();
  }

  /** One page, past the cache: for whoever wants everything once. */
  page(request: PageRequest, signal: AbortSignal): Promise<LogPage> {
    return this.#source.page(request, signal);
  }

  /** What is shown now, for whoever reads it past the cache. */
  get shown(): Shown {
    const { from = 1, to = this.#snapshot.last } = this.#chosen;
    return { query: this.#filter?.list.query.text, from, to: Math.min(to, this.#snapshot.last) };
  }

  /** Everything there is, as a file that the server writes. */
  download(format: 'log' | 'ndjson', signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    return this.#source.download({ format }, signal);
  }

  /** Index of the first line written at a time or later, in milliseconds since 1970. @throws {ClientError} */
  indexAt(timeMs: number, signal: AbortSignal): Promise<number | undefined> {
    return this.#source.indexAt({ timeMs }, signal);
  }

  /** The same among those that the filter lets through, also outside a chosen stretch. @throws {ClientError} */
  shownAt(timeMs: number, signal: AbortSignal): Promise<number | undefined> {
    return this.#source.indexAt({ timeMs, query: this.#filter?.list.query.text }, signal);
  }

  /** Ends everything. */
  close(): void {
    this.#filter?.close();
    this.#search?.close();
    this.histogram.close();
    this.window.close();
    this.#listeners.clear();
  }

  #chooseWithPatterns(chosen: Chosen, absent: PatternsAbsent): void {
    // Meanwhile something else may have been chosen, or the error is an older one.
    const isCurrent = () => this.#asked === chosen && this.#queryError === absent;
    const fail = () => {
      const words = 'what runs patterns could not be fetched: reload the page, or look for words';
      this.#queryError = new QueryError('', 0, words);
      this.#tell();
    };
    this.#loadPatterns().then(
      () => isCurrent() && this.choose(chosen),
      () => isCurrent() && fail(),
    );
  }

  #seeMatches(filter: Matcher, first: number, last: number, kept: readonly IndexRange[]): void {
    const { rows } = this.#snapshot;
    const absent: { from: number; to: number }[] = [];
    for (let row = first; row <= last; row++) {
      const { is, ...place } = rows.at(row) as { is: string; index: number };
      if (is === 'entry') absent.push({ from: place.index, to: place.index });
    }
    this.window.want([...absent, ...kept]);
    const middle = Math.floor((first + last) / 2);
    // What is nearest to where one reads first, and away from there: what is asked for next is mostly known by then.
    for (let by = 0; by <= last - middle + AHEAD; by++) {
      for (const [row, direction] of [[middle - by, 'back'] as const, [middle + by + 1, 'on'] as const]) {
        if (row < 0 || row >= rows.length) continue;
        const there = rows.at(row);
        if (there.is === 'unsearched') return filter.extend(there, direction);
      }
    }
  }

  #matcher(text: string, same?: Matcher): Matcher | undefined {
    if (text === '') return undefined;
    for (const known of [same, this.#filter, this.#search]) if (known?.list.query.text === text) return known;
    return new Matcher(text, { window: this.window, source: this.#source, near: this.#near });
  }

  #tell(): void {
    this.#snapshot = this.#look();
    for (const listener of [...this.#listeners]) listener();
  }

  #look(): LogSnapshot {
    const shown = this.window.getSnapshot();
    const { from, to } = this.#chosen;
    const all =
      this.#filter === undefined
        ? new WholeRows(this.window.gaps, shown.last)
        : new MatchingRows(this.#filter.list, shown.holes, shown.last);
    const isWhole = from === undefined && to === undefined;
    const rows = isWhole ? all : new RangedRows(all, from ?? 1, to ?? shown.last);
    const { list, progress } = this.#search ?? {};
    return {
      ...shown,
      rows,
      search: list && {
        query: list.query,
        counts: list.counts,
        matches:
          list.matches.length > 0 && (list.matches.at(-1) as number) > shown.last
            ? upTo(list.matches, shown.last)
            : list.matches,
        progress: progress as Progress,
        complete: list.covered.missing(1, shown.last).length === 0,
      },
      queryError: this.#queryError,
      filtered: this.#filter !== undefined,
      narrowed: this.#filter !== undefined || !isWhole,
    };
  }
}

function upTo(matches: readonly number[], last: number): readonly number[] {
  return matches.filter((index) => index <= last);
}
