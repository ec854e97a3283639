import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { LogEntry, StreamId } from '@kubidu/contracts';
import { CANCELLED } from '@kubidu/core';
import type { BuildJob, Deployments, ImageBuilder, Leases, LogStore } from '@kubidu/core';

import { BuildService } from '../services/build.service.ts';
import type { BuildServiceOptions } from '../services/build.service.ts';
import { BuildSources } from '../sources/build-sources.ts';

/** What a service works on; whoever opened it closes it. */
export interface ServiceStore {
  readonly store: LogStore;
  readonly leases: Leases;
  readonly deployments: Deployments;
}

/** A build service on a store, with a folder of its own. Whoever opens it disposes of it. */
export class ServiceFixture implements AsyncDisposable {
  readonly service: BuildService;
  /** Where it spools. */
  readonly folder: string;
  readonly #on: ServiceStore;
  readonly #running: { readonly stop: AbortController; readonly done: Promise<void> }[] = [];

  private constructor(on: ServiceStore, folder: string, builder: ImageBuilder, options: Partial<BuildServiceOptions>) {
    this.#on = on;
    this.folder = folder;
    this.service = new BuildService({
      ...{ ...on, builder, spool: { folder } },
      sources: new BuildSources({ allowedRoots: [tmpdir()], readUpload: () => nothing() }),
      openSecrets: (job) => JSON.parse(job.sealedSecrets ?? '{}') as Record<string, string>,
      writerFor: (inner) => inner,
      imageOf: ({ deploymentId }) => ({ name: `kubidu.test/${deploymentId}:1`, push: false }),
      ...options,
    });
  }

  static async open(
    on: ServiceStore,
    builder: ImageBuilder,
    options: Partial<BuildServiceOptions> = {},
  ): Promise<ServiceFixture> {
    return new ServiceFixture(on, await mkdtemp(join(tmpdir(), 'kubidu-service-')), builder, options);
  }

  /** A job to build a folder, and its record. */
  async job(path: string, deploymentId: string, secrets?: Readonly<Record<string, string>>): Promise<BuildJob> {
    const createdAt = new Date().toISOString();
    await this.#on.deployments.create({ deploymentId, serviceId: 'web', status: 'queued', createdAt });
    return {
      deploymentId,
      request: { serviceId: 'web', source: { path }, noCache: true },
      ...(secrets && { sealedSecrets: JSON.stringify(secrets) }),
    };
  }

  /** Begins a job; `cancel` as a person does it, `giveBack` as a worker that closes. */
  run(job: BuildJob, number = 1): { readonly done: Promise<void>; cancel(): void; giveBack(): void } {
    const stop = new AbortController();
    const done = this.service.run(job, { number, signal: stop.signal });
    done.catch(() => undefined); // the test awaits it
    this.#running.push({ stop, done });
    return { done, cancel: () => stop.abort(CANCELLED), giveBack: () => stop.abort(new Error('the worker closes')) };
  }

  /** Every entry of a build's stream. */
  async entries({ deploymentId }: BuildJob): Promise<LogEntry[]> {
    const entries: LogEntry[] = [];
    for (;;) {
      const page = await this.#on.store.read(streamOf(deploymentId), { after: entries.length, limit: 10_000 });
      const more = page.batches.flatMap((batch) => batch.entries());
      if (more.length === 0) return entries;
      entries.push(...more);
    }
  }

  /** Messages of lines, in order. */
  async messages(job: BuildJob): Promise<string[]> {
    return (await this.entries(job)).filter(({ event }) => !event).map(({ message }) => message);
  }

  head({ deploymentId }: BuildJob): ReturnType<LogStore['head']> {
    return this.#on.store.head(streamOf(deploymentId));
  }

  /** What lies in its folder. */
  files(): Promise<string[]> {
    return readdir(this.folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { stop } of this.#running) stop.abort(new Error('the test ends'));
    await Promise.allSettled(this.#running.map(({ done }) => done));
    await rm(this.folder, { recursive: true, force: true });
  }
}

const streamOf = (deploymentId: string): StreamId => `build:${deploymentId}`;

async function* nothing(): AsyncGenerator<Uint8Array> {}
