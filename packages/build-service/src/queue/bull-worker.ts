import { CANCELLED, systemClock } from '@kubidu/core';
import type { BuildHandler, BuildJob, BuildWorkOptions } from '@kubidu/core';
import { patientClient, Subscriber } from '@kubidu/store-redis';
import type { Connection } from '@kubidu/store-redis';
import { WaitingError, Worker } from 'bullmq';
import type { Job } from 'bullmq';

import { attempt, isGivenBack } from './attempt.ts';
import { BullKeys, HOLD, prefixOf, QUEUE } from './bull-keys.ts';

/** A worker that is not heard of for so long has lost its jobs, in milliseconds. */
const LOCK_MS = 5_000;
/** Pause between two renewals, in milliseconds. */
const BEAT_MS = 1_000;
/** Pause before BullMQ asks a Redis again that was away, in milliseconds. */
const AGAIN_MS = 1_000;
/** Longest that closing waits for Redis, in milliseconds. */
const CLOSE_MS = 3_000;

/** How BullMQ looks for jobs whose worker died. Two looks find one; what a death leads to is decided by `attempt`. */
export const LOOK = { stalledInterval: 2_000, maxStalledCount: Number.MAX_SAFE_INTEGER } as const;

/** Reason of a signal whose job another worker has taken. */
const TAKEN = new Error('another worker has taken the job');

/** What a worker needs. */
export interface BullWorkerOptions {
  readonly url: string;
  /** Stays its owner's. */
  readonly connection: Connection;
  /** Gives the jobs of dead workers back. @throws {LogsError} UNAVAILABLE */
  readonly look: () => Promise<unknown>;
  readonly handler: BuildHandler;
  readonly options: BuildWorkOptions;
}

/** A job that this worker runs. */
interface Held {
  readonly token: string;
  readonly stop: AbortController;
}

/**
 * Takes jobs from BullMQ. Renewing their locks and looking for dead workers is done here: BullMQ cannot take a lock again
 * that ran out while Redis was away, and would give every running build to somebody else once Redis is back.
 */
export class BullWorker implements AsyncDisposable {
  readonly #of: BullWorkerOptions;
  readonly #keys: BullKeys;
  readonly #client: ReturnType<typeof patientClient>;
  readonly #worker: Worker<BuildJob, void>;
  readonly #subscriber: Subscriber;
  readonly #held = new Map<string, Held>();
  readonly #closing = new AbortController();
  readonly #stopped = new AbortController();
  readonly #beats: Promise<void>;
  /** Since when Redis has answered without a break; undefined while it does not. */
  #steadySince: number | undefined;
  #lookedAt = 0;
  #subscribed = false;
  #closed: Promise<void> | undefined;

  constructor(of: BullWorkerOptions) {
    const { connection } = of;
    const prefix = prefixOf(connection);
    this.#of = of;
    this.#keys = new BullKeys(prefix);
    this.#client = patientClient(of.url);
    this.#worker = new Worker<BuildJob, void>(QUEUE, (job, token = '') => this.#process(job, token), {
      connection: this.#client,
      prefix,
      concurrency: of.options.concurrency,
      lockDuration: LOCK_MS,
      skipLockRenewal: true,
      skipStalledCheck: true,
      runRetryDelay: AGAIN_MS,
    });
    // Redis being away, or a job that has become another's: both are dealt with where they show.
    this.#worker.on('error', () => {});
    this.#subscriber = new Subscriber({
      connect: () => connection.subscriber(),
      onMessage: (_channel, deploymentId) => this.#held.get(String(deploymentId))?.stop.abort(CANCELLED),
      onBack: () => undefined, // the marks tell what was missed
    });
    this.#beats = this.#beat();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #process(job: Job<BuildJob, void>, token: string): Promise<void> {
    const { deploymentId } = job.data;
    if (this.#closing.signal.aborted) return this.#giveBackUnbegun(job, token);
    const held: Held = { token, stop: new AbortController() };
    this.#held.set(deploymentId, held);
    try {
      await this.#renew(deploymentId, held).catch(() => undefined); // away: the next beat tells
      const defect = await this.#attempt(job, held.stop.signal);
      await this.#untilHeld(deploymentId, held);
      if (isGivenBack(held.stop.signal)) return await this.#giveBack(job, token, held.stop.signal);
      await this.#forgetCancel(deploymentId);
      // Its own words may hold a secret, and BullMQ would keep them.
      if (defect) throw new Error('the build met a defect');
    } finally {
      this.#held.delete(deploymentId);
    }
  }

  /** Whether the handler rejected. */
  async #attempt(
    { data, attemptsStarted, stalledCounter }: Job<BuildJob, void>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const taken = { job: data, starts: attemptsStarted, deaths: stalledCounter };
    try {
      await attempt(taken, signal, this.#of.handler, this.#of.options);
      return false;
    } catch {
      return true;
    }
  }

  /** BullMQ settles a job only if its lock is there, and does it again if not: so it has to be, however long Redis is away. */
  async #untilHeld(deploymentId: string, held: Held): Promise<void> {
    const { signal } = this.#closing;
    for (;;) {
      try {
        await this.#renew(deploymentId, held);
        return;
      } catch {
        if (signal.aborted) return;
        await systemClock.sleep(BEAT_MS, signal).catch(() => undefined); // closing: tried once more
      }
    }
  }

  async #giveBack(job: Job<BuildJob, void>, token: string, { reason }: AbortSignal): Promise<never> {
    // Where Redis is away, the job is taken as that of a dead worker.
    if (reason !== TAKEN) await within(CLOSE_MS, job.moveToWait(token));
    throw new WaitingError();
  }

  async #giveBackUnbegun(job: Job<BuildJob, void>, token: string): Promise<never> {
    const key = this.#keys.job(job.data.deploymentId);
    await this.#of.connection.run((client) => client.hincrby(key, 'ats', -1)).catch(() => undefined); // away
    return this.#giveBack(job, token, this.#closing.signal);
  }

  async #forgetCancel(deploymentId: string): Promise<void> {
    const mark = this.#keys.cancelled(deploymentId);
    await this.#of.connection.run((client) => client.del(mark)).catch(() => undefined); // away: it expires
  }

  /** Never rejects. */
  async #beat(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        await this.#beatOnce();
      } catch {
        this.#steadySince = undefined;
      }
      await systemClock.sleep(BEAT_MS, signal).catch(() => undefined); // stopped: the loop sees it
    }
  }

  async #beatOnce(): Promise<void> {
    const began = Date.now();
    if (!this.#subscribed) await this.#subscriber.subscribe(this.#keys.cancels);
    this.#subscribed = true;
    await this.#of.connection.run((client) => client.ping());
    await Promise.all([...this.#held].map(([deploymentId, held]) => this.#renew(deploymentId, held)));
    const now = Date.now();
    if (now - began > BEAT_MS) this.#steadySince = now;
    this.#steadySince ??= now;
    // Locks run out while Redis is away: whoever lives takes them again before anybody looks who does not.
    if (now - this.#steadySince < LOCK_MS || now - this.#lookedAt < LOOK.stalledInterval) return;
    this.#lookedAt = now;
    await this.#of.look();
  }

  /** @throws {LogsError} UNAVAILABLE */
  async #renew(deploymentId: string, { token, stop }: Held): Promise<void> {
    const keys = this.#keys.hold(deploymentId);
    const held = await this.#of.connection.run((client) =>
      client.eval(HOLD, keys.length, ...keys, deploymentId, token, LOCK_MS),
    );
    if (held === 0) stop.abort(TAKEN);
    if (held === 2) stop.abort(CANCELLED);
  }

  /** Locks are kept until the last handler is done. */
  async #close(): Promise<void> {
    this.#closing.abort(new Error('the worker closes'));
    for (const { stop } of this.#held.values()) stop.abort(this.#closing.signal.reason);
    const closed = this.#worker.close();
    while (this.#held.size > 0) await Promise.race([closed, systemClock.sleep(50)]);
    await within(CLOSE_MS, closed);
    this.#stopped.abort();
    await this.#beats;
    await this.#subscriber[Symbol.asyncDispose]();
    this.#client.disconnect();
  }
}

/** Resolves when it has, or failed, or after `ms` milliseconds. */
async function within(ms: number, done: Promise<unknown>): Promise<void> {
  const late = new AbortController();
  await Promise.race([done.catch(() => undefined), systemClock.sleep(ms, late.signal).catch(() => undefined)]);
  late.abort();
}
