import type { Gap, GapReason, Outcome, StreamId, StreamInfo, StreamKind } from '@kubidu/contracts';

import type { Batch } from './batch.ts';
import type { Passed } from './passed.ts';
import type { Sieve } from './sieve.ts';

/** Who writes a batch and how far its source is read with it. */
export interface SourcePosition {
  /** Names the source within the stream, like `<pod uid>/<container>/<restart>`. At most 512 characters. */
  readonly source: string;
  /** Where the source stopped, in its own words; opaque here. Stored with the batch or not at all. At most 4 KiB. */
  readonly cursor: string;
  /** Unique for each life of a writer, so that `sequence` starts anew with it. */
  readonly writer: string;
  /** 1, 2, 3 … for each batch of this writer to this source. Sending one again is a duplicate and stores nothing. */
  readonly sequence: number;
}

/** What an append may ask for besides storing. */
export interface AppendOptions {
  readonly position?: SourcePosition;
  /** Number of the lease under which this is written; an append under an older one than the stream has seen is CONFLICT. */
  readonly fence?: number;
  /** One id a line: a line whose id the stream took before (of the last 100,000 at least), or earlier in this batch, is left out. */
  readonly ids?: readonly string[];
  /** An index that was given: a stream that stops before it has lost data, and goes on beyond it. Default 0. */
  readonly floor?: number;
}

/** Indexes left out behind what a store is known to have lost: others may have seen a little more. */
export const LOST_ROOM = 1_000_000;

/** What an append did. `stored` is 0 where everything was a duplicate; then `first` is `last + 1`. */
export interface Appended {
  /** Index of the first line stored. */
  readonly first: number;
  /** Index of the stream's last entry now. */
  readonly last: number;
  /** How many lines were stored; less than were given when some were duplicates. */
  readonly stored: number;
}

/** Where a stream begins and stops now. Nothing stored yet: firstIndex 1, lastIndex 0. */
export interface Head {
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly ended?: Outcome;
  /** Why what was before firstIndex can no longer be had; absent where nothing was. */
  readonly gone?: GapReason;
}

/**
 * What to forget: entries up to and including an index, those stored before a time (milliseconds since 1970), or where
 * sources stopped that will not be read again; their entries stay.
 */
export type TrimRange =
  | { readonly through: number; readonly storedBefore?: undefined; readonly sources?: undefined }
  | { readonly storedBefore: number; readonly through?: undefined; readonly sources?: undefined }
  | { readonly sources: readonly string[]; readonly through?: undefined; readonly storedBefore?: undefined };

/**
 * At most `limit` entries next to `after` (ascending from it) or next to `before` (ending at it). Exactly one is given.
 * With a sieve a store may pass over entries that it need not read; they do not count. A read that takes long may end with
 * the reason of an aborted signal.
 */
export type ReadRange = {
  readonly limit: number;
  readonly sieve?: Sieve | undefined;
  readonly signal?: AbortSignal | undefined;
} & ({ readonly after: number; readonly before?: undefined } | { readonly before: number; readonly after?: undefined });

/**
 * Entries, ascending, what between them can no longer be had, and what was passed over: together they leave no hole.
 */
export interface Stretch {
  readonly batches: readonly Batch[];
  readonly gaps: readonly Gap[];
  /** Only where the range has a sieve. */
  readonly passed?: readonly Passed[];
}

/** What was read, and where the stream begins and stops. */
export interface Page extends Head, Stretch {}

/**
 * Something happened to a stream. With a `batch` this is what was stored; without one, something may have (a connection
 * was lost and is back): read the head. Wakes may repeat, and after a lost connection some may be missing.
 */
export interface Wake {
  readonly batch?: Batch;
  readonly ended?: Outcome;
}

/** Ends a watch. */
export type Watch = AsyncDisposable;

/** Which streams to list, in the order of their names. */
export interface ListRange {
  readonly kind?: StreamKind;
  /** Beginning of the id. */
  readonly prefix?: string;
  /** List what comes after this name. */
  readonly after?: StreamId;
  readonly limit: number;
}

/**
 * The indexed log. Indexes of a stream are 1, 2, 3 …: none is given twice, even after the store lost data (it then goes
 * on beyond every index that this process has seen, and the missing ones are a gap), none is skipped without one.
 *
 * Every method throws {@link LogsError} UNAVAILABLE when the store is away; an append that threw it may or may not have
 * been stored, and is made again with the same `position` or `ids` to be stored once.
 */
export interface LogStore extends AsyncDisposable {
  /**
   * Appends the whole batch or nothing, and wakes the watchers. Lines are JSON objects without an index (see
   * encodeEntry), at least one, at most 1,000.
   * @throws {LogsError} CONFLICT once the stream has ended, or when `fence` is older than the newest seen
   */
  append(stream: StreamId, lines: readonly string[], options?: AppendOptions): Promise<Appended>;
  /**
   * Reads a page. A stream without entries gives an empty one. It may hold fewer than `limit`: it ends after the batch
   * with which it has reached {@link PAGE_SIZE}, and with a sieve behind what it passed over.
   */
  read(stream: StreamId, range: ReadRange): Promise<Page>;
  head(stream: StreamId): Promise<Head>;
  /** Ends the stream. The first outcome stands; ending again changes nothing and returns that one. */
  end(stream: StreamId, outcome: Outcome): Promise<Head & { ended: Outcome }>;
  /**
   * Forgets entries, or a little less where batches are kept whole. By time, a stream that ended before it is forgotten
   * altogether; one that has not keeps its place, so that its indexes go on. By index the gap's reason is `trimmed`, by
   * time `expired`. A source that was forgotten begins anew if it comes again, as one that never was; forgetting one that
   * is not known changes nothing.
   */
  trim(stream: StreamId, range: TrimRange): Promise<void>;
  /** Calls `onWake` for each thing stored from before the returned promise resolved on. `onWake` must not throw. */
  watch(stream: StreamId, onWake: (wake: Wake) => void): Promise<Watch>;
  list(range: ListRange): Promise<readonly StreamInfo[]>;
  /** Where each source of the stream stopped, save those that were forgotten. */
  cursors(stream: StreamId): Promise<ReadonlyMap<string, string>>;
}
