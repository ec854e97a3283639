import type { Outcome, StreamId, StreamInfo } from '@kubidu/contracts';

import type { Batch } from '../batch.ts';
import type { ListRange, ReadRange } from '../log-store.ts';
import type { Passed } from '../passed.ts';

/** How a stream went on to its end, as it is kept beside its entries. */
export interface FinalRecord extends Outcome {
  readonly firstIndex: number;
  readonly lastIndex: number;
  /** RFC 3339. */
  readonly endedAt: string;
}

/** What the archive holds of a stream; between the two indexes there may be holes. */
export interface ArchivedRange {
  /** 1 where nothing is held. */
  readonly firstIndex: number;
  /** 0 where nothing is held. */
  readonly lastIndex: number;
  /** Present once the stream ended and all of it was archived. */
  readonly final?: FinalRecord;
}

/** Which of an archive's streams to list, in the order of their names. */
export type ArchiveListRange = ListRange & {
  /** Streams that the caller has already. */
  readonly besides: ReadonlySet<StreamId>;
  /** List nothing behind this name. */
  readonly through?: StreamId | undefined;
};

/** A range of archived entries. */
export type ArchiveReadRange = ReadRange & {
  /** Up to here the caller knows entries to be archived: what the archive remembers from before is not good enough. */
  readonly reaching?: number;
};

/** What a sieve left of archived entries. */
export interface Sifted {
  /** Ascending and without overlap; what is not held is left out. */
  readonly parts: readonly (Batch | Passed)[];
  /** Whether they reach as far as the range and the archive do: otherwise there is more behind them. */
  readonly whole: boolean;
}

/** Entries that are ready to be archived. */
export interface PackedObject {
  /** Index of the last entry. */
  readonly last: number;
  /** Archives them: they are confirmed once it resolves. May be called again where it failed. */
  write(): Promise<void>;
}

/**
 * The cold tier: entries that left the store, or will. An entry is under its index what it was in the store. Whoever
 * writes a range twice, at once or after a crash, changes nothing for readers, and while objects are merged they see
 * neither a hole nor a repeat.
 *
 * Every method throws {@link LogsError} UNAVAILABLE while the archive is away; a write that threw it may or may not have
 * been done, and is made again.
 */
export interface LogArchive extends AsyncDisposable {
  /**
   * Packs consecutive batches into an object, which is not in the archive until it is written; undefined where there are
   * none. It takes them one by one, and holds a few members of them beside what is packed; once it took the last it
   * resolves, and goes on to pack what it holds.
   */
  pack(stream: StreamId, batches: Iterable<Batch> | AsyncIterable<Batch>): Promise<PackedObject | undefined>;
  /** Packs consecutive batches and writes them; resolves with the index of the last entry. Without any it does nothing. */
  write(stream: StreamId, batches: Iterable<Batch> | AsyncIterable<Batch>): Promise<number | undefined>;
  /**
   * Batches of a range, ascending and without overlap; what is not held is left out. Fewer entries than `limit` and
   * less than {@link PAGE_SIZE}: there are no more. Reads everything, whatever the range's sieve says.
   */
  read(stream: StreamId, range: ArchiveReadRange): Promise<readonly Batch[]>;
  /**
   * Reads a range without what its sieve does not admit, as far as that can be told before it is fetched. It ends at
   * `limit` or {@link PAGE_SIZE} like a read, and after it passed over much, but never with nothing where there is more.
   */
  sift(stream: StreamId, range: ArchiveReadRange): Promise<Sifted>;
  /**
   * What is held of a stream, as of at most `maxAgeMs` ago. Where the caller knows that entries up to `reaching` were
   * archived, or lost, what the archive remembers from before is not good enough.
   */
  range(stream: StreamId, maxAgeMs: number, reaching?: number): Promise<ArchivedRange>;
  /**
   * Streams of which something is held, as of a minute ago at most; those of 100,000 names of a kind and prefix. Their
   * `bytes` are those of the archive; `createdAt` is when the first that is held was archived, to the day at least.
   */
  list(range: ArchiveListRange): Promise<readonly StreamInfo[]>;
  /** Says that the stream ended and everything of it is archived. The first record stands. */
  finish(stream: StreamId, final: FinalRecord): Promise<void>;
  /** Merges small objects of a stream into larger ones, and clears up after merges that were cut short. */
  merge(stream: StreamId, signal: AbortSignal): Promise<void>;
  /**
   * Forgets what was archived before a time (milliseconds since 1970): runtime streams object by object, others as a
   * whole once they ended before it.
   */
  expire(before: number, signal: AbortSignal): Promise<void>;
}
