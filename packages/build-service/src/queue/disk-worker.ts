import { CANCELLED, systemClock } from '@kubidu/core';
import type { BuildHandler, BuildWorkOptions } from '@kubidu/core';

import { attempt, isGivenBack } from './attempt.ts';
import type { JobFile } from './job-files.ts';

/** Pause before a disk that failed is tried again, in milliseconds. */
const AGAIN_MS = 1_000;

/** The queue as its worker sees it. */
export interface TakeableJobs {
  take(): Promise<JobFile | undefined>;
  done(deploymentId: string): Promise<void>;
  giveBack(deploymentId: string): Promise<unknown>;
}

/** Takes the jobs of a folder, so many at once. Nothing of it outlives its disposal. */
export class DiskWorker implements AsyncDisposable {
  readonly #jobs: TakeableJobs;
  readonly #handler: BuildHandler;
  readonly #options: BuildWorkOptions;
  readonly #closed = new AbortController();
  readonly #running = new Map<string, AbortController>();
  readonly #runs = new Set<Promise<void>>();
  #taking: Promise<void> | undefined;
  #again = false;

  constructor(jobs: TakeableJobs, handler: BuildHandler, options: BuildWorkOptions) {
    this.#jobs = jobs;
    this.#handler = handler;
    this.#options = options;
  }

  /** There may be something to take. */
  look(): void {
    this.#again = true;
    this.#taking ??= this.#take().finally(() => {
      this.#taking = undefined;
      if (this.#again && !this.#closed.signal.aborted && this.#hasRoom) this.look();
    });
  }

  abort(deploymentId: string, reason: unknown): void {
    this.#running.get(deploymentId)?.abort(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new Error('the worker closes'));
    await this.#taking;
    for (const running of this.#running.values()) running.abort(this.#closed.signal.reason);
    await Promise.all(this.#runs);
  }

  get #hasRoom(): boolean {
    return this.#runs.size < this.#options.concurrency;
  }

  /** Never rejects. */
  async #take(): Promise<void> {
    const { signal } = this.#closed;
    while (this.#again && this.#hasRoom && !signal.aborted) {
      this.#again = false;
      const taken = await this.#jobs.take().catch(async () => {
        this.#again = true;
        await systemClock.sleep(AGAIN_MS, signal).catch(() => undefined); // closed: the loop sees it
        return undefined;
      });
      if (taken) this.#begin(taken);
    }
  }

  #begin(taken: JobFile): void {
    this.#again = true;
    const run = this.#run(taken).finally(() => {
      this.#runs.delete(run);
      this.look();
    });
    this.#runs.add(run);
  }

  /** Never rejects. */
  async #run(taken: JobFile): Promise<void> {
    const { deploymentId } = taken.job;
    const stop = new AbortController();
    this.#running.set(deploymentId, stop);
    if (taken.cancelled) stop.abort(CANCELLED);
    try {
      await attempt(taken, stop.signal, this.#handler, this.#options);
    } catch {
      // A defect, which the handler has told of: the job is dropped.
    }
    this.#running.delete(deploymentId);
    const settle = isGivenBack(stop.signal) ? this.#jobs.giveBack(deploymentId) : this.#jobs.done(deploymentId);
    // What the disk does not take now is found as running when the folder is opened again.
    await settle.catch(() => undefined);
  }
}
