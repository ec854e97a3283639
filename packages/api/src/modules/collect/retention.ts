import { Inject, Injectable, Optional } from '@nestjs/common';
import { LIMITS, kindOf } from '@kubidu/contracts';
import type { StreamId, StreamInfo } from '@kubidu/contracts';
import { hasCode, systemClock } from '@kubidu/core';
import type { Deployments, Leases, LogArchive, LogStore } from '@kubidu/core';
import type { Logger } from 'pino';

import { InjectConfig } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { LOGGER } from '../logging/logger.ts';
import { DEPLOYMENTS, HOT_STORE, LEASES, LOG_ARCHIVE } from '../store/store.module.ts';

const LEASE = 'job:retention-sweep';
const MOST_MS = 60_000;
const LEAST_MS = 100;
const AT_ONCE = 8;
/** Sweeps of the archive in a retention: each lists every stream, and where lists are paid for that adds up. */
const ARCHIVE_SWEEPS = 100;

/** Forgets what is older than KUBIDU_RETENTION, once a minute or ten times a retention; one sweeper in the installation. */
@Injectable()
export class Retention {
  readonly #closed = new AbortController();
  readonly #retentionMs: number;
  readonly #everyMs: number;
  #loop: Promise<void> | undefined;

  constructor(
    @InjectConfig() config: Config,
    @Inject(HOT_STORE) private readonly store: LogStore,
    @Inject(LEASES) private readonly leases: Leases,
    @Inject(DEPLOYMENTS) private readonly deployments: Deployments,
    @Inject(LOGGER) private readonly logger: Logger,
    @Optional() @Inject(LOG_ARCHIVE) private readonly archive?: LogArchive,
  ) {
    this.#retentionMs = config.KUBIDU_RETENTION;
    this.#everyMs = Math.max(LEAST_MS, Math.min(MOST_MS, config.KUBIDU_RETENTION / 10));
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#loop;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      try {
        await this.#hold(signal);
      } catch (error) {
        if (!hasCode(error, 'UNAVAILABLE'))
          this.logger.error({ err: error }, 'expiring old entries failed; trying again');
      }
      await systemClock.sleep(this.#everyMs, signal).catch(() => undefined); // closed: the loop sees it
    }
  }

  /** Sweeps for as long as the lease is held. */
  async #hold(signal: AbortSignal): Promise<void> {
    const lease = await this.leases.acquire(LEASE);
    if (!lease) return;
    const held = AbortSignal.any([signal, lease.lost]);
    let archiveDue = 0;
    try {
      while (!held.aborted) {
        const now = Date.now();
        await this.sweep(now - this.#retentionMs, held);
        if (now >= archiveDue) {
          await this.#sweepArchive(now - this.#retentionMs, held);
          archiveDue = now + Math.max(this.#everyMs, this.#retentionMs / ARCHIVE_SWEEPS);
        }
        await systemClock.sleep(this.#everyMs, held).catch(() => undefined); // the loop sees it
      }
    } finally {
      await lease.release();
    }
  }

  /** An archive that is away is swept the next time; the store must not wait for it. */
  async #sweepArchive(before: number, signal: AbortSignal): Promise<void> {
    try {
      await this.archive?.expire(before, signal);
    } catch (error) {
      if (!hasCode(error, 'UNAVAILABLE')) throw error;
    }
  }

  /** Forgets what was stored, or ended, before a time in milliseconds since 1970: entries, then deployments. */
  async sweep(before: number, signal: AbortSignal): Promise<void> {
    await this.#sweepStreams(before, signal);
    if (!signal.aborted) await this.deployments.forget(before);
  }

  async #sweepStreams(before: number, signal: AbortSignal): Promise<void> {
    let after: StreamId | undefined;
    while (!signal.aborted) {
      const page = await this.store.list({ limit: LIMITS.streamsPage, ...(after && { after }) });
      const expiring = page.filter((info) => mayHaveExpired(info, before));
      for (let at = 0; at < expiring.length && !signal.aborted; at += AT_ONCE)
        await Promise.all(
          expiring.slice(at, at + AT_ONCE).map(({ stream }) => this.store.trim(stream, { storedBefore: before })),
        );
      after = page.at(-1)?.stream;
      if (page.length < LIMITS.streamsPage) return;
    }
  }
}

/** Runtime entries go each by its own time; a build, a job and a bot go as a whole, counted from their end. */
function mayHaveExpired({ stream, createdAt, lastAt, ended }: StreamInfo, before: number): boolean {
  if (kindOf(stream) === 'runtime') return Date.parse(createdAt) < before;
  return ended !== undefined && Date.parse(lastAt) < before;
}
