import { ClientError } from '@kubidu/client';
import type { SubscriptionItem } from '@kubidu/client';
import type { LogEntry, Outcome, Source } from '@kubidu/contracts';

import { EntryCache } from './entry-cache.ts';
import type { EntryCacheOptions } from './entry-cache.ts';
import type { Frames } from './frames.ts';
import { GapList } from './gap-list.ts';
import type { Hole } from './gap-list.ts';
import type { IndexRange } from './index-ranges.ts';
import type { LogSource } from './log-source.ts';
import { PageLoader } from './page-loader.ts';

/** How many of the newest a viewer begins with. */
const NEWEST = 500;

/** Most `lost` entries that are kept for the completeness mark. */
const MOST_LOSSES = 1_000;

/** How the stream is being followed. */
export type FollowState =
  | { readonly is: 'connecting' }
  | { readonly is: 'live' }
  | { readonly is: 'reconnecting'; readonly attempt: number; readonly error: ClientError }
  | { readonly is: 'ended'; readonly outcome: Outcome }
  /** For good, until somebody signs in or tries again. */
  | { readonly is: 'failed'; readonly error: ClientError };

/** Lines that were lost before they could be stored: what a `lost` entry says. */
export interface Loss {
  readonly index: number;
  readonly lines: number | undefined;
  readonly reason: string;
}

/** What a window shows, as it was at one moment. */
export interface WindowSnapshot {
  readonly follow: FollowState;
  /** The last index that is shown; 0 while there is none. */
  readonly last: number;
  /** Entries that came behind it while paused. */
  readonly waiting: number;
  readonly paused: boolean;
  /** Entries at hand. */
  readonly loaded: number;
  readonly loading: boolean;
  /** Why the last page could not be read. */
  readonly trouble: ClientError | undefined;
  /** Indexes that cannot be had, ascending. */
  readonly holes: readonly Hole[];
  readonly losses: readonly Loss[];
  readonly sources: readonly Source[];
  /** When something came last, in milliseconds since 1970. */
  readonly lastArrival: number | undefined;
}

export interface LogWindowOptions {
  readonly source: LogSource;
  readonly frames: Frames;
  readonly cache?: EntryCacheOptions;
  readonly now?: () => number;
}

/**
 * One stream as a viewer has it: every index from 1 to the last one has its place, whether it is at hand, yet to be read
 * or gone. Follows the stream, and reads what is looked at. Bounded by its cache; what is dropped is read again by index.
 */
export class LogWindow {
  readonly cache: EntryCache;
  readonly gaps = new GapList();
  readonly #source: LogSource;
  readonly #frames: Frames;
  readonly #now: () => number;
  readonly #loader: PageLoader;
  readonly #stop = new AbortController();
  readonly #listeners = new Set<() => void>();
  readonly #readers = new Set<(entries: readonly LogEntry[]) => void>();
  readonly #losses = new Map<number, Loss>();
  #follow: FollowState = { is: 'connecting' };
  #delivered: number | undefined;
  #pausedAt: number | undefined;
  #sources: readonly Source[] = [];
  #lastArrival: number | undefined;
  #beginningKnown = false;
  #snapshot: WindowSnapshot;
  #announced = false;

  constructor({ source, frames, cache, now = Date.now }: LogWindowOptions) {
    this.#source = source;
    this.#frames = frames;
    this.#now = now;
    this.cache = new EntryCache(cache);
    this.#loader = new PageLoader({
      source,
      cache: this.cache,
      gaps: this.gaps,
      onEntries: (entries) => this.take(entries),
      onChange: () => this.changed(),
    });
    this.#snapshot = this.#look();
    this.#run(); // never rejects
  }

  /** For React's useSyncExternalStore: called at most once a frame. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The same object until something changed. */
  readonly getSnapshot = (): WindowSnapshot => this.#snapshot;

  /** Calls `reader` with every entry that becomes held, from wherever it came; not always in order. */
  onEntries(reader: (entries: readonly LogEntry[]) => void): () => void {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  /** Says which indexes are looked at, the most important first: they are kept, and read where they are absent. */
  want(ranges: readonly IndexRange[]): void {
    const last = this.#delivered ?? 0;
    const within = ranges
      .map(({ from, to }) => ({ from: Math.max(1, from), to: Math.min(last, to) }))
      .filter(({ from, to }) => from <= to);
    for (const range of [...within].reverse()) this.cache.touch(range);
    this.#loader.want(within);
  }

  /** Shows nothing new from here on. What comes is counted. */
  pause(): void {
    this.#pausedAt ??= this.#delivered ?? 0;
    this.changed();
  }

  /** Shows everything that waited. */
  resume(): void {
    this.#pausedAt = undefined;
    this.changed();
  }

  /** Tries again what was refused: after signing in, or when somebody asks for it. Goes on where it stopped. */
  retry(): void {
    this.#loader.retry();
    if (this.#follow.is !== 'failed') return;
    this.#follow = { is: 'connecting' };
    this.changed();
    this.#run();
  }

  /** Ends following and reading. */
  close(): void {
    this.#stop.abort();
    this.#loader.close();
    this.#listeners.clear();
    this.#readers.clear();
  }

  /** Takes entries that came some other way: with a search, with a page of what matches. */
  take(entries: readonly LogEntry[]): void {
    const fresh = this.cache.put(entries);
    if (fresh.length === 0) return;
    for (const { index, event } of fresh) {
      if (event?.type === 'lost' && this.#losses.size < MOST_LOSSES)
        this.#losses.set(index, { index, lines: event.lines, reason: event.reason });
    }
    for (const reader of this.#readers) reader(fresh);
    this.changed();
  }

  /** Tells the listeners at the next frame. */
  changed(): void {
    if (this.#announced || this.#stop.signal.aborted) return;
    this.#announced = true;
    this.#frames.request(() => {
      this.#announced = false;
      if (this.#stop.signal.aborted) return;
      this.#snapshot = this.#look();
      for (const listener of [...this.#listeners]) listener();
    });
  }

  #run(): void {
    this.#read().catch((error: unknown) => {
      if (this.#stop.signal.aborted) return;
      const failure = error instanceof ClientError ? error : new ClientError('NOT_KUBIDU', String(error));
      this.#follow = { is: 'failed', error: failure };
      this.changed();
    });
  }

  async #read(): Promise<void> {
    const start = this.#delivered === undefined ? { lines: NEWEST } : { sinceIndex: this.#delivered };
    for await (const item of this.#source.subscribe(start, this.#stop.signal)) {
      if (this.#stop.signal.aborted) return;
      this.#onItem(item);
      this.changed();
    }
  }

  #onItem(item: SubscriptionItem): void {
    switch (item.type) {
      case 'entries':
        this.#lastArrival = this.#now();
        this.#delivered = Math.max(this.#delivered ?? 0, item.entries.at(-1)?.index ?? 0);
        return this.take(item.entries);
      case 'gap':
        this.#delivered = Math.max(this.#delivered ?? 0, item.to);
        for (const absent of this.cache.absent(item)) this.gaps.add({ ...absent, reason: item.reason });
        return;
      case 'connected':
        this.#follow = { is: 'live' };
        if (item.lastIndex === 0) this.#delivered ??= 0;
        if (item.firstIndex > 1) this.#learnBeginning(item.firstIndex);
        return this.#loader.retry();
      case 'reconnecting':
        this.#follow = { is: 'reconnecting', attempt: item.attempt, error: item.error };
        return;
      case 'end': {
        const { status, exitCode } = item;
        this.#delivered ??= item.lastIndex;
        this.#follow = { is: 'ended', outcome: { status, ...(exitCode !== undefined && { exitCode }) } };
        return;
      }
      case 'sources':
        this.#sources = item.sources;
        return;
      case 'behind':
        // What we hold is what was delivered under these indexes; the SDK drops what repeats them.
        return;
    }
  }

  /** Why the stream does not begin with 1: asked once, so that what is gone takes one row and not a million. */
  #learnBeginning(firstIndex: number): void {
    if (this.#beginningKnown) return;
    this.#beginningKnown = true;
    const to = firstIndex - 1;
    this.#source.page({ after: 0, limit: 1 }, this.#stop.signal).then(
      ({ gaps }) => this.#forget({ from: 1, to, reason: gaps[0]?.reason ?? 'expired' }),
      () => this.#forget({ from: 1, to, reason: 'expired' }),
    );
  }

  #forget(hole: Hole): void {
    for (const absent of this.cache.absent(hole)) this.gaps.add({ ...absent, reason: hole.reason });
    this.changed();
  }

  #look(): WindowSnapshot {
    const delivered = this.#delivered ?? 0;
    const last = this.#pausedAt ?? delivered;
    return {
      follow: this.#follow,
      last,
      waiting: delivered - last,
      paused: this.#pausedAt !== undefined,
      loaded: this.cache.size,
      loading: this.#loader.loading,
      trouble: this.#loader.trouble,
      holes: this.gaps.holes,
      losses: [...this.#losses.values()],
      sources: this.#sources,
      lastArrival: this.#lastArrival,
    };
  }
}
