import { LIMITS } from '@kubidu/contracts';
import { hasCode, hasEnded } from '@kubidu/core';
import type { BuildQueue, Leases } from '@kubidu/core';

import { conclude } from './conclude.ts';
import type { ConcludeOptions } from './conclude.ts';

/** What is looked at, and where whoever looks is the only one. */
export interface OrphansOptions extends ConcludeOptions {
  readonly queue: BuildQueue;
  readonly leases: Leases;
  /** Pause between two looks, in milliseconds. Default a minute. */
  readonly everyMs?: number;
  /** A defect; looking goes on. */
  readonly onDefect: (error: unknown) => void;
}

const LEASE = 'job:build-orphans';
const EVERY_MS = 60_000;

/**
 * Ends builds as `lost` that the queue does not know and that have not ended: their desk died before it queued them, or the
 * queue lost its data. One that is missing twice in a row is one, so that nobody is taken for lost who is just being queued
 * or just ending. One looks in the whole installation.
 */
export class Orphans implements AsyncDisposable {
  readonly #of: OrphansOptions;
  readonly #closed = new AbortController();
  readonly #loop: Promise<void>;
  #missing: ReadonlySet<string> = new Set();

  constructor(options: OrphansOptions) {
    this.#of = options;
    this.#loop = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#loop;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { clock, everyMs = EVERY_MS, onDefect } = this.#of;
    const { signal } = this.#closed;
    while (!signal.aborted) {
      try {
        await this.#lookAlone();
      } catch (error) {
        if (!hasCode(error, 'UNAVAILABLE')) onDefect(error);
      }
      await clock.sleep(everyMs, signal).catch(() => undefined); // closed: the loop sees it
    }
  }

  async #lookAlone(): Promise<void> {
    const lease = await this.#of.leases.acquire(LEASE);
    if (!lease) return;
    try {
      await this.#look();
    } finally {
      await lease.release();
    }
  }

  async #look(): Promise<void> {
    const missing = new Set<string>();
    for await (const deploymentId of this.#open()) {
      if (await this.#of.queue.has(deploymentId)) continue;
      if (!this.#missing.has(deploymentId)) missing.add(deploymentId);
      else await conclude(this.#of, deploymentId, { status: 'lost' }, 'the queue does not know this build any more');
    }
    this.#missing = missing;
  }

  /** Those that have not ended, newest first. */
  async *#open(): AsyncGenerator<string> {
    const limit = LIMITS.deploymentsPage;
    for (let before: string | undefined; ;) {
      const page = await this.#of.deployments.list({ limit, ...(before !== undefined && { before }) });
      for (const record of page) if (!hasEnded(record)) yield record.deploymentId;
      before = page.at(-1)?.deploymentId;
      if (page.length < limit) return;
    }
  }
}
