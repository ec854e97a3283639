import { idOf, kindOf, LIMITS } from '@kubidu/contracts';
import type { StreamId, StreamInfo } from '@kubidu/contracts';

import { systemClock } from '../clock.ts';
import type { Clock } from '../clock.ts';
import type { Leases } from '../lease.ts';
import type { LogStore } from '../log-store.ts';
import { newProgress, surplusThrough, unarchivedBytes } from './archive-progress.ts';
import type { ArchiveProgress } from './archive-progress.ts';
import { hotCap } from './hot-cap.ts';
import { hotLevel } from './hot-level.ts';
import type { LogArchive } from './log-archive.ts';
import { MERGE_EVERY, StreamArchiver } from './stream-archiver.ts';

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
  /** Bytes kept of all streams together; the largest give first. Default: no bound. */
  readonly hotBytesTotal?: number;
  readonly observer: ArchiverObserver;
  /** How long entries wait to be archived together, in milliseconds. Default 30 s. */
  readonly everyMs?: number;
  readonly clock?: Clock;
  /** Numbers from 0 up to 1, for jitter. */
  readonly random: () => number;
}

const LEASE = 'job:archive-sweep';
const LOOK_MS = 1_000;
/**
 * Rest after looking at streams, for each of them: looking at one takes about a hundredth of it, so 1 % of a core. The
 * number is what counts, not the time that it took: a machine that is busy is no reason to come late.
 */
const REST_MS = 1.5;
const LOOK_MOST_MS = 15_000;
/** A stream that was written to so recently is looked at between two rounds, too. */
const ACTIVE_MS = 60_000;
const LOOKED_AT_ONCE = 100;
/** Streams archived at once: what bounds memory, with the size of an object. */
const AT_ONCE = 3;
const RETRY_MS = 1_000;
const RETRY_MOST_MS = 30_000;
/** Longest that `close` works on what is not archived yet. */
const CLOSE_MS = 5_000;

/**
 * Archives what is new in each stream, every 30 s and at once when a stream ends, and trims the hot store behind what is
 * confirmed. Writes at most 3 objects of 16 Mi characters at once, and holds what is compressed of them and a few members
 * that are not; whatever it is stopped at, the next one goes on from what the archive has.
 */
export class Archiver implements AsyncDisposable {
  readonly #options: ArchiverOptions;
  readonly #worker: StreamArchiver;
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #random: () => number;
  readonly #closed = new AbortController();
  readonly #streams = new Map<StreamId, ArchiveProgress>();
  /** To how many bytes the largest streams are cut, and what of them goes though it is not archived. */
  #level = Infinity;
  #lastResort = Infinity;
  #loop: Promise<void> | undefined;

  constructor(options: ArchiverOptions) {
    this.#options = options;
    this.#worker = new StreamArchiver(options);
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
    const now = this.#clock.now();
    let since = now;
    for (const { behindSince = now } of this.#streams.values()) since = Math.min(since, behindSince);
    return now - since;
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
      await this.#rounds(held);
      if (!lease.lost.aborted) await this.#lastRound(lease.lost);
    } finally {
      this.#streams.clear();
      await lease.release();
    }
  }

  /** Never rejects: a store that is away for a moment is no reason to give up the lease, and with it what is known. */
  async #rounds(held: AbortSignal): Promise<void> {
    let roundAt = 0;
    let lookAt = 0;
    while (!held.aborted) {
      const isRound = this.#clock.now() >= roundAt;
      if (isRound || this.#clock.now() >= lookAt)
        try {
          const rest = this.#restAfter(await (isRound ? this.round(held) : this.#lookAtActive(held)));
          if (isRound) roundAt = this.#clock.now() + rest;
          else lookAt = this.#clock.now() + rest;
        } catch (error) {
          this.#options.observer.failed(undefined, error);
        }
      await this.#clock.sleep(LOOK_MS, held).catch(() => undefined); // the loop sees it
    }
  }

  #restAfter(looked: number): number {
    return Math.min(LOOK_MOST_MS, Math.max(LOOK_MS, looked * REST_MS));
  }

  async #lastRound(lost: AbortSignal): Promise<void> {
    const enough = new AbortController();
    const late = this.#clock.sleep(CLOSE_MS, enough.signal).catch(() => undefined);
    await Promise.race([this.round(AbortSignal.any([lost, enough.signal]), true), late]);
    enough.abort();
  }

  /** Looks at every stream once and archives what is due, or everything that is new. Resolves with their number. */
  async round(signal: AbortSignal, everything = false): Promise<number> {
    const seen = new Set<StreamId>();
    let after: StreamId | undefined;
    do {
      const page = await this.#options.store.list({ limit: LIMITS.streamsPage, ...(after && { after }) });
      const due = page.filter((info) => this.#isDue(info, everything));
      for (const { stream } of page) seen.add(stream);
      await this.#each(due, signal);
      after = page.length < LIMITS.streamsPage ? undefined : page.at(-1)?.stream;
    } while (after && !signal.aborted);
    if (signal.aborted) return seen.size;
    for (const stream of this.#streams.keys()) if (!seen.has(stream)) this.#streams.delete(stream);
    this.#share();
    return seen.size;
  }

  /** The same with those that were written to of late. */
  async #lookAtActive(signal: AbortSignal): Promise<number> {
    const now = this.#clock.now();
    const active = [...this.#streams].filter(([, { lastAt }]) => now - lastAt <= ACTIVE_MS);
    const due: StreamInfo[] = [];
    for (let at = 0; at < active.length && !signal.aborted; at += LOOKED_AT_ONCE) {
      const infos = await Promise.all(active.slice(at, at + LOOKED_AT_ONCE).map(([stream]) => this.#infoOf(stream)));
      for (const info of infos) if (info && this.#isDue(info, false)) due.push(info);
    }
    await this.#each(due, signal);
    return active.length;
  }

  async #infoOf(stream: StreamId): Promise<StreamInfo | undefined> {
    // Of the names that begin so, its own is the first.
    const [info] = await this.#options.store.list({ kind: kindOf(stream), prefix: idOf(stream), limit: 1 });
    return info?.stream === stream ? info : undefined;
  }

  /** Finds out to what the largest streams have to be cut. */
  #share(): void {
    const { hotBytesTotal: total = Infinity } = this.#options;
    const sizes = [...this.#streams.values()].map(({ bytes }) => bytes);
    this.#level = hotLevel(sizes, total);
    this.#lastResort = hotLevel(sizes, hotCap(total));
  }

  /** Bytes kept of each stream. */
  get #keep(): number {
    return Math.min(this.#options.hotBytes, this.#level);
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
    // Whoever was here before may have been cut short: the first object looks after what it left.
    const progress = this.#streams.get(info.stream) ?? newProgress(MERGE_EVERY - 1);
    this.#streams.set(info.stream, progress);
    progress.lastAt = Date.parse(info.lastAt);
    progress.bytes = info.bytes;
    const isBehind = info.lastIndex > progress.through;
    if (isBehind) progress.behindSince ??= now;
    else progress.behindSince = undefined;
    progress.tries = everything || now >= progress.retryAt;
    const waited = progress.behindSince !== undefined && now - progress.behindSince >= this.#everyMs;
    const crowded = unarchivedBytes(info, progress.through) > this.#keep / 2;
    progress.writes = isBehind && (everything || info.ended !== undefined || waited || crowded);
    const isOver = info.ended !== undefined && !progress.finished;
    if (progress.tries && (progress.writes || isOver || info.bytes > this.#keep)) return true;
    return info.bytes > this.#lastResort;
  }

  /** Never rejects. */
  async #try(info: StreamInfo, signal: AbortSignal): Promise<void> {
    const progress = this.#streams.get(info.stream);
    if (!progress) return;
    try {
      await this.#resort(info);
      if (progress.tries) await this.#worker.archive(info, progress, this.#keep, signal);
      if (!progress.tries) return;
      if (progress.failures > 0) this.#retryAll();
      progress.failures = 0;
    } catch (error) {
      const wait = Math.min(RETRY_MS * 2 ** progress.failures++, RETRY_MOST_MS);
      progress.retryAt = this.#clock.now() + wait * (0.5 + this.#random() / 2);
      this.#options.observer.failed(info.stream, error);
    }
  }

  /** Once one gets through, nobody need wait any longer. */
  #retryAll(): void {
    for (const progress of this.#streams.values()) progress.retryAt = 0;
  }

  /** All streams together take so much that the oldest go though they are not archived; the next object counts them. */
  async #resort(info: StreamInfo): Promise<void> {
    if (info.bytes > this.#lastResort)
      await this.#options.store.trim(info.stream, { through: surplusThrough(info, this.#lastResort) });
  }
}
