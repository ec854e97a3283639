import { CANCELLED, LogsError } from '@kubidu/core';
import type { BuildHandler, BuildJob, BuildQueue, BuildWorkOptions } from '@kubidu/core';

import { DiskWorker } from './disk-worker.ts';
import { JobFiles } from './job-files.ts';
import type { JobFile } from './job-files.ts';

/**
 * Builds that wait in a folder, for one process at a time: whoever opens it keeps others away. It holds as many as the disk
 * does. A job that ran when its process was killed has lost a worker, and is taken again or abandoned.
 */
export class DiskBuildQueue implements BuildQueue {
  readonly #files: JobFiles;
  /** By deployment, in their order. */
  readonly #jobs = new Map<string, JobFile>();
  #sequence = 0;
  #worker: DiskWorker | undefined;
  #closed = false;

  private constructor(files: JobFiles) {
    this.#files = files;
  }

  /** @param path a folder of its own; it is created. @throws {LogsError} UNAVAILABLE where it cannot be read and written */
  static async open(path: string): Promise<DiskBuildQueue> {
    const queue = new DiskBuildQueue(new JobFiles(path));
    for (const found of await queue.#files.all()) {
      const entry = found.running ? { ...found, running: false, deaths: found.deaths + 1 } : found;
      if (entry !== found) await queue.#files.write(entry);
      queue.#jobs.set(entry.job.deploymentId, entry);
      queue.#sequence = Math.max(queue.#sequence, entry.sequence);
    }
    return queue;
  }

  async add(job: BuildJob): Promise<void> {
    this.#mustBeOpen();
    if (this.#jobs.has(job.deploymentId)) return;
    const entry = { job, sequence: ++this.#sequence, starts: 0, deaths: 0, running: false, cancelled: false };
    await this.#files.write(entry);
    this.#jobs.set(job.deploymentId, entry);
    this.#worker?.look();
  }

  async cancel(deploymentId: string): Promise<'removed' | 'running' | 'unknown'> {
    this.#mustBeOpen();
    const entry = this.#jobs.get(deploymentId);
    if (!entry) return 'unknown';
    if (!entry.running) {
      this.#jobs.delete(deploymentId);
      await this.#orElse(entry, this.#files.remove(entry));
      return 'removed';
    }
    await this.#change(entry, { cancelled: true });
    this.#worker?.abort(deploymentId, CANCELLED);
    return 'running';
  }

  async work(handler: BuildHandler, options: BuildWorkOptions): Promise<AsyncDisposable> {
    this.#mustBeOpen();
    if (this.#worker) throw new LogsError('CONFLICT', 'this queue has its worker');
    const worker = new DiskWorker(
      {
        take: () => this.#take(),
        done: (deploymentId) => this.#done(deploymentId),
        giveBack: async (deploymentId) => this.#change(this.#jobs.get(deploymentId), { running: false }),
      },
      handler,
      options,
    );
    this.#worker = worker;
    worker.look();
    const close = async () => {
      await worker[Symbol.asyncDispose]();
      if (this.#worker === worker) this.#worker = undefined;
    };
    return { [Symbol.asyncDispose]: close };
  }

  async has(deploymentId: string): Promise<boolean> {
    this.#mustBeOpen();
    return this.#jobs.has(deploymentId);
  }

  async depth(): Promise<{ waiting: number; running: number }> {
    this.#mustBeOpen();
    const running = [...this.#jobs.values()].filter((entry) => entry.running).length;
    return { waiting: this.#jobs.size - running, running };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker?.[Symbol.asyncDispose]();
    this.#closed = true;
  }

  /** The oldest that waits, marked as running on disk before anybody begins it. */
  async #take(): Promise<JobFile | undefined> {
    const entries = [...this.#jobs.values()].sort((a, b) => a.sequence - b.sequence);
    const next = entries.find(({ running }) => !running);
    return next && this.#change(next, { running: true, starts: next.starts + 1 });
  }

  async #done(deploymentId: string): Promise<void> {
    const entry = this.#jobs.get(deploymentId);
    this.#jobs.delete(deploymentId);
    if (entry) await this.#files.remove(entry);
  }

  async #change(entry: JobFile | undefined, change: Partial<JobFile>): Promise<JobFile | undefined> {
    if (!entry) return undefined;
    const changed = { ...entry, ...change };
    // In memory first: what comes meanwhile must build on it.
    this.#jobs.set(entry.job.deploymentId, changed);
    await this.#orElse(entry, this.#files.write(changed));
    return changed;
  }

  /** What could not be written did not happen. */
  async #orElse(before: JobFile, written: Promise<void>): Promise<void> {
    try {
      await written;
    } catch (error) {
      this.#jobs.set(before.job.deploymentId, before);
      throw error;
    }
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new LogsError('UNAVAILABLE', 'the queue is closed');
  }
}
