import { LogsError } from '@kubidu/core';
import type { BuildHandler, BuildJob, BuildQueue, BuildWorkOptions } from '@kubidu/core';
import { Connection } from '@kubidu/store-redis';
import { Queue } from 'bullmq';

import { BullKeys, prefixOf, QUEUE } from './bull-keys.ts';
import { BullWorker, LOOK } from './bull-worker.ts';

/** How long it is remembered that a running job is to be cancelled, in seconds: longer than any build. */
const REMEMBER_S = 7 * 86_400;

/** Builds that wait in Redis, for any number of workers, by BullMQ. Redis may be away: then calls are UNAVAILABLE. */
export class BullBuildQueue implements BuildQueue {
  readonly #url: string;
  readonly #connection: Connection;
  readonly #keys: BullKeys;
  #queue: Promise<Queue<BuildJob>> | undefined;
  #worker: BullWorker | undefined;

  private constructor(url: string, connection: Connection) {
    this.#url = url;
    this.#connection = connection;
    this.#keys = new BullKeys(prefixOf(connection));
  }

  /**
   * Resolves after the first attempt to connect, whether or not Redis was there.
   * @throws {LogsError} INVALID_ARGUMENT for a URL that is none
   */
  static async open(url: string): Promise<BullBuildQueue> {
    const connection = new Connection(url);
    await connection.open();
    return new BullBuildQueue(url, connection);
  }

  async add(job: BuildJob): Promise<void> {
    const options = { jobId: job.deploymentId, removeOnComplete: true, removeOnFail: true };
    await this.#ask((queue) => queue.add('build', job, options));
  }

  async cancel(deploymentId: string): Promise<'removed' | 'running' | 'unknown'> {
    const mark = this.#keys.cancelled(deploymentId);
    if (!(await this.has(deploymentId))) return 'unknown';
    // The mark first: a worker that takes the job just now finds it with the job's lock.
    await this.#connection.run((client) => client.set(mark, '1', 'EX', REMEMBER_S));
    const removed = await this.#ask((queue) => queue.remove(deploymentId));
    if (removed === 1) {
      await this.#connection.run((client) => client.del(mark));
      return 'removed';
    }
    // Quicker than the mark, and nothing more: a message may be lost.
    await this.#connection.run((client) => client.publish(this.#keys.cancels, deploymentId));
    return 'running';
  }

  async work(handler: BuildHandler, options: BuildWorkOptions): Promise<AsyncDisposable> {
    if (this.#worker) throw new LogsError('CONFLICT', 'this queue has its worker');
    const worker = new BullWorker({
      url: this.#url,
      connection: this.#connection,
      look: () => this.#ask((queue) => queue.backend.moveStalledJobsToWait()),
      handler,
      options,
    });
    this.#worker = worker;
    const close = async () => {
      await worker[Symbol.asyncDispose]();
      if (this.#worker === worker) this.#worker = undefined;
    };
    return { [Symbol.asyncDispose]: close };
  }

  async has(deploymentId: string): Promise<boolean> {
    return (await this.#connection.run((client) => client.exists(this.#keys.job(deploymentId)))) === 1;
  }

  async depth(): Promise<{ waiting: number; running: number }> {
    const counts = await this.#ask((queue) => queue.getJobCounts('wait', 'active'));
    return { waiting: counts['wait'] ?? 0, running: counts['active'] ?? 0 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker?.[Symbol.asyncDispose]();
    const queue = await this.#queue?.catch(() => undefined); // it never came to be
    await queue?.close().catch(() => undefined); // Redis is away
    await this.#connection[Symbol.asyncDispose]();
  }

  /** @throws {LogsError} UNAVAILABLE */
  async #ask<T>(call: (queue: Queue<BuildJob>) => Promise<T>): Promise<T> {
    return this.#connection.run(async () => {
      this.#queue ??= this.#open();
      return call(await this.#queue);
    });
  }

  /** BullMQ's queue never recovers from a Redis that was away when it was made: then the next call makes another. */
  async #open(): Promise<Queue<BuildJob>> {
    const options = {
      connection: this.#connection.client,
      prefix: prefixOf(this.#connection),
      skipWaitingForReady: true,
      skipMetasUpdate: true,
      ...LOOK,
    };
    const queue = new Queue<BuildJob>(QUEUE, options);
    queue.on('error', () => {});
    try {
      await queue.waitUntilReady();
      return queue;
    } catch (error) {
      this.#queue = undefined;
      await queue.close().catch(() => undefined); // what matters is why it could not be opened
      throw error;
    }
  }
}
