import { LIMITS } from '@kubidu/contracts';
import type { StreamId, StreamInfo } from '@kubidu/contracts';

import type { Batch } from '../batch.ts';
import { systemClock } from '../clock.ts';
import type { Clock } from '../clock.ts';
import type { Leases } from '../lease.ts';
import { LOST_ROOM } from '../log-store.ts';
import type { LogStore } from '../log-store.ts';
import type { LogArchive } from './log-archive.ts';

/** Told of what an archiver does. Must not throw. */
export interface ArchiverObserver {
  /** A stream's entries could not be archived, or, without a stream, the store or the leases are away; it is tried again. */
  failed(stream: StreamId | undefined, error: unknown): void;
  /** Entries left the store before they could be archived. */
  lost(stream: StreamId, entries: number): void;
}

/** How an archiver is set up. */
export interface ArchiverOptions {
  /** The hot store. */
  readonly store: LogStore;
  readonly archive: LogArchive;
  /** One archiver works in the installation. */
  readonly leases: Leases;
  /** Bytes kept of each stream; what is older is trimmed once it is archived. */
  readonly hotBytes: number;
  readonly observer: ArchiverObserver;
  /** How long entries wait to be archived together, in milliseconds. Default 30 s. */
  readonly everyMs?: number;
  readonly clock?: Clock;
  /** Numbers from 0 up to 1, for jitter. */
  readonly random: () => number;
}

/** What is known of a stream. */
interface Progress {
  /** Everything up to here is archived, or gone. */
  through: number;
  /** Since when there is something new; undefined while there is not. */
  behindSince: number | undefined;
  /** Whether what is new goes into the archive now; else the stream is only trimmed. */
  writes: boolean;
  finished: boolean;
  failures: number;
  retryAt: number;
  /** Objects written since the last merge. */
  written: number;
}

const LEASE = 'job:archive-sweep';
const LOOK_MS = 1_000;
/** After a round it rests so many times as long: with many streams looking at them takes its time. */
const RESTS = 10;
/** Streams archived at once: what bounds memory, with OBJECT_SIZE. */
const AT_ONCE = 3;
/** Characters of entries that make an object. */
const OBJECT_SIZE = 16 * 1024 * 1024;
const PAGE_ENTRIES = 10_000;
const RETRY_MS = 1_000;
const RETRY_MOST_MS = 60_000;
/** Objects of a stream after which merging is looked at. */
const MERGE_EVERY = 12;
/** Longest that `close` works on what is not archived yet. */
const CLOSE_MS = 5_000;

/**
 * Archives what is new in each stream, every 30 s and at once when a stream ends, and trims the hot store behind what is
 * confirmed. Holds at most 3 objects of 16 Mi characters; whatever it is stopped at, the next one goes on from what the
 * archive has.
 */
export class Archiver implements AsyncDisposable {
  readonly #options: ArchiverOptions;
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #random: () => number;
  readonly #closed = new AbortController();
  readonly #streams = new Map<StreamId, Progress>();
  #loop: Promise<void> | undefined;

  constructor(options: ArchiverOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#everyMs = options.everyMs ?? 30_000;
    this.#random = options.random;
  }

  /** Works, whenever it has the lease, until closed. */
  start(): void {
    this.#loop ??= this.#run();
  }

  /** How long the oldest entry waits that is not archived, in milliseconds; 0 where another archiver works. */
  get lagMs(): number {
    const since = [...this.#streams.values()].map(({ behindSince }) => behindSince ?? Infinity);
    return Math.max(0, this.#clock.now() - Math.min(Infinity, ...since));
  }

  /** Archives what is there, for 5 s at most, and ends. Idempotent; never throws. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#loop;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      try {
        await this.#hold(signal);
      } catch (error) {
        this.#options.observer.failed(undefined, error);
      }
      await this.#clock.sleep(LOOK_MS * (1 + this.#random()), signal).catch(() => undefined); // closed: the loop sees it
    }
  }

  /** Works for as long as the lease is held. */
  async #hold(signal: AbortSignal): Promise<void> {
    const lease = await this.#options.leases.acquire(LEASE);
    if (!lease) return;
    const held = AbortSignal.any([signal, lease.lost]);
    try {
      while (!held.aborted) {
        const began = this.#clock.now();
        await this.#safeRound(held);
        const tookMs = this.#clock.now() - began;
        await this.#clock.sleep(Math.max(LOOK_MS, tookMs * RESTS), held).catch(() => undefined); // the loop sees it
      }
      if (!lease.lost.aborted) await this.#lastRound(lease.lost);
    } finally {
      this.#streams.clear();
      await lease.release();
    }
  }

  /** A store that is away for a moment is no reason to give up the lease, and with it what is known. Never rejects. */
  async #safeRound(signal: AbortSignal): Promise<void> {
    try {
      await this.round(signal);
    } catch (error) {
      this.#options.observer.failed(undefined, error);
    }
  }

  async #lastRound(lost: AbortSignal): Promise<void> {
    const enough = new AbortController();
    const late = this.#clock.sleep(CLOSE_MS, enough.signal).catch(() => undefined);
    await Promise.race([this.round(AbortSignal.any([lost, enough.signal]), true), late]);
    enough.abort();
  }

  /** Looks at every stream once and archives what is due, or everything that is new. */
  async round(signal: AbortSignal, everything = false): Promise<void> {
    const seen = new Set<StreamId>();
    let after: StreamId | undefined;
    do {
      const page = await this.#options.store.list({ limit: LIMITS.streamsPage, ...(after && { after }) });
      const due = page.filter((info) => this.#isDue(info, everything));
      for (const { stream } of page) seen.add(stream);
      await this.#each(due, signal);
      after = page.length < LIMITS.streamsPage ? undefined : page.at(-1)?.stream;
    } while (after && !signal.aborted);
    for (const stream of this.#streams.keys()) if (!seen.has(stream) && !signal.aborted) this.#streams.delete(stream);
  }

  /** Some at a time; the next begins when one is done. */
  async #each(infos: readonly StreamInfo[], signal: AbortSignal): Promise<void> {
    const waiting = infos.values();
    const work = async (): Promise<void> => {
      for (const info of waiting) {
        if (signal.aborted) return;
        await this.#try(info, signal);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  #isDue(info: StreamInfo, everything: boolean): boolean {
    const now = this.#clock.now();
    const progress = this.#streams.get(info.stream) ?? newProgress();
    this.#streams.set(info.stream, progress);
    const isBehind = info.lastIndex > progress.through;
    if (isBehind) progress.behindSince ??= now;
    else progress.behindSince = undefined;
    if (now < progress.retryAt && !everything) return false;
    const waited = progress.behindSince !== undefined && now - progress.behindSince >= this.#everyMs;
    const crowded = unarchivedBytes(info, progress) > this.#options.hotBytes / 2;
    progress.writes = isBehind && (everything || info.ended !== undefined || waited || crowded);
    const isOver = info.ended !== undefined && !progress.finished;
    return progress.writes || isOver || info.bytes > this.#options.hotBytes;
  }

  /** Never rejects. */
  async #try(info: StreamInfo, signal: AbortSignal): Promise<void> {
    const progress = this.#streams.get(info.stream);
    if (!progress) return;
    try {
      await this.#archive(info, progress, signal);
      progress.failures = 0;
    } catch (error) {
      const wait = Math.min(RETRY_MS * 2 ** progress.failures++, RETRY_MOST_MS);
      progress.retryAt = this.#clock.now() + wait * (0.5 + this.#random() / 2);
      this.#options.observer.failed(info.stream, error);
    }
  }

  async #archive(info: StreamInfo, progress: Progress, signal: AbortSignal): Promise<void> {
    const { stream } = info;
    const { archive } = this.#options;
    if (progress.through < 0) {
      const { lastIndex, final } = await archive.range(stream, 0);
      progress.through = lastIndex;
      progress.finished = final !== undefined;
    }
    if (progress.writes) await this.#write(info, progress, signal);
    if (signal.aborted) return;
    await this.#trim(info, progress);
    if (!progress.finished) await this.#finish(info, progress);
    if (progress.written < MERGE_EVERY) return;
    await archive.merge(stream, signal);
    progress.written = 0;
  }

  /** Archives up to the last entry, or a little further. */
  async #write({ stream, lastIndex }: StreamInfo, progress: Progress, signal: AbortSignal): Promise<void> {
    while (progress.through < lastIndex) {
      if (signal.aborted) return;
      const { batches, expired } = await this.#nextObject(stream, progress.through);
      const next = batches[0]?.first ?? lastIndex + 1;
      const missing = next - progress.through - 1;
      // A store that lost its data leaves room behind what it may have had: no entries were there.
      if (missing > 0 && !expired)
        this.#options.observer.lost(stream, missing < LOST_ROOM ? missing : missing - LOST_ROOM);
      await this.#options.archive.write(stream, batches);
      progress.through = batches.at(-1)?.last ?? lastIndex;
      progress.written++;
    }
    progress.behindSince = undefined;
  }

  /** The next entries, without a hole between them, as many as make an object. */
  async #nextObject(stream: StreamId, through: number): Promise<{ batches: Batch[]; expired: boolean }> {
    const batches: Batch[] = [];
    let expired = false;
    let size = 0;
    for (let after = through; size < OBJECT_SIZE;) {
      const page = await this.#options.store.read(stream, { after, limit: PAGE_ENTRIES });
      if (after === through) expired = page.gaps[0]?.reason === 'expired';
      for (const batch of page.batches) {
        if (batches.length > 0 && batch.first !== after + 1) return { batches, expired };
        batches.push(batch);
        after = batch.last;
        for (const line of batch.lines) size += line.length;
      }
      if (page.batches.length === 0 || after >= page.lastIndex) break;
    }
    return { batches, expired };
  }

  /** Behind what is confirmed only. Sizes differ from line to line: what is too much after it goes the next time. */
  async #trim({ stream, bytes, firstIndex, lastIndex }: StreamInfo, { through }: Progress): Promise<void> {
    const { store, hotBytes } = this.#options;
    if (bytes <= hotBytes) return;
    const held = lastIndex - firstIndex + 1;
    const surplus = Math.ceil(held * (1 - hotBytes / bytes));
    await store.trim(stream, { through: Math.min(through, firstIndex + surplus - 1) });
  }

  async #finish({ stream, firstIndex, lastIndex, lastAt, ended }: StreamInfo, progress: Progress): Promise<void> {
    if (!ended || lastIndex > progress.through) return;
    const { archive } = this.#options;
    const held = await archive.range(stream, Infinity);
    const begins = held.lastIndex > 0 ? Math.min(held.firstIndex, firstIndex) : firstIndex;
    await archive.finish(stream, { ...ended, firstIndex: begins, lastIndex, endedAt: lastAt });
    progress.finished = true;
  }
}

function newProgress(): Progress {
  return {
    through: -1,
    behindSince: undefined,
    writes: false,
    finished: false,
    failures: 0,
    retryAt: 0,
    // Whoever was here before may have been cut short: the first object looks after what it left.
    written: MERGE_EVERY - 1,
  };
}

/** About how many bytes of the hot store are not archived yet: sizes differ from line to line. */
function unarchivedBytes({ bytes, firstIndex, lastIndex }: StreamInfo, { through }: Progress): number {
  const entries = lastIndex - Math.max(through, firstIndex - 1);
  return entries > 0 ? (bytes * entries) / (lastIndex - firstIndex + 1) : 0;
}
