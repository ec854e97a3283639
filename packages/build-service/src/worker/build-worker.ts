import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { CANCELLED, hasCode } from '@kubidu/core';
import type { BuildAttempt, BuildJob, BuildQueue, BuildUploads } from '@kubidu/core';

import { TemporaryFolder } from '../sources/temporary-folder.ts';

/** What runs the builds. */
export interface Builds {
  /** Does a job; one that has ended already is left as it is. @throws {LogsError} where it could not be brought to its end */
  run(job: BuildJob, attempt: BuildAttempt): Promise<void>;
  /** Ends the stream and the record of a job whose worker died. */
  abandoned(job: BuildJob): Promise<void>;
}

/** What a worker works with; all of it stays its owner's. */
export interface BuildWorkerOptions {
  readonly queue: BuildQueue;
  readonly builds: Builds;
  readonly uploads: BuildUploads;
  readonly concurrency: number;
  readonly retry: boolean;
  /** A defect of ours: the build is lost, and the worker goes on. */
  readonly onDefect: (deploymentId: string, error: unknown) => void;
}

/** Takes jobs from the queue and has them built, from the start of the application that it belongs to until its end. */
export class BuildWorker implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #of: BuildWorkerOptions;
  #work: Promise<AsyncDisposable> | undefined;

  constructor(options: BuildWorkerOptions) {
    this.#of = options;
  }

  /** Removes what workers left here that were killed, and begins to take jobs. */
  async onApplicationBootstrap(): Promise<void> {
    const { queue, concurrency, retry } = this.#of;
    if (!this.#work) await TemporaryFolder.sweep();
    this.#work ??= queue.work((job, attempt) => this.#run(job, attempt), {
      concurrency,
      retry,
      abandoned: (job) => this.#abandon(job),
    });
    await this.#work;
  }

  /** Stops taking jobs, stops those that run, and gives them back, so that another worker takes them. Idempotent. */
  async onModuleDestroy(): Promise<void> {
    const work = await this.#work;
    await work?.[Symbol.asyncDispose]();
  }

  async #run(job: BuildJob, attempt: BuildAttempt): Promise<void> {
    const { signal } = attempt;
    try {
      await this.#of.builds.run(job, attempt);
    } catch (error) {
      this.#of.onDefect(job.deploymentId, error);
      // Where another worker writes the stream, it is also the one to end it.
      if (!hasCode(error, 'CONFLICT')) await this.#of.builds.abandoned(job);
    }
    if (!signal.aborted || signal.reason === CANCELLED) await this.#dropUpload(job);
  }

  async #abandon(job: BuildJob): Promise<void> {
    await this.#of.builds.abandoned(job);
    await this.#dropUpload(job);
  }

  async #dropUpload({ request: { source } }: BuildJob): Promise<void> {
    if (!('upload' in source)) return;
    await this.#of.uploads.remove(source.upload).catch(() => undefined); // away: it goes after a day
  }
}
