import type { CreateDeployment, Deployment, Uploaded } from '@kubidu/contracts';
import { encodeEntry, hasEnded, LogsError, Masker, newDeploymentId } from '@kubidu/core';
import type { BuildDesk, BuildQueue, BuildUploads, Clock, DeploymentRecord, Deployments, LogStore } from '@kubidu/core';

import type { Sealer } from '../secrets/sealer.ts';
import { conclude } from './conclude.ts';
import { checkSource } from './source-check.ts';
import { onlyArchives } from './tar-check.ts';

/** What a desk works with; all of it stays its owner's. */
export interface DeskOptions {
  readonly store: LogStore;
  readonly deployments: Deployments;
  readonly queue: BuildQueue;
  readonly uploads: BuildUploads;
  readonly sealer: Sealer;
  /** Folders of the workers' machines below which `{ path }` may lie. */
  readonly allowedRoots: readonly string[];
  /** Whether the workers' machine is this one. */
  readonly workersHere: boolean;
  readonly clock: Clock;
  /** So many random bytes. */
  readonly random: (bytes: number) => Uint8Array;
  /** Whether builds can run; see {@link BuildDesk.health}. */
  readonly health: () => Promise<{ readonly ok: boolean; readonly detail?: string }>;
}

/**
 * Takes builds: first its record, then its stream, then the queue. Whoever dies in between leaves a record that the queue
 * does not know, which {@link Orphans} ends.
 */
export class Desk implements BuildDesk {
  readonly #of: DeskOptions;
  #newestMs = 0;

  constructor(options: DeskOptions) {
    this.#of = options;
  }

  get maxUploadBytes(): number {
    return this.#of.uploads.maxBytes;
  }

  async request({ secrets, ...request }: CreateDeployment, tenant?: string): Promise<Deployment> {
    const { sealer, deployments, queue } = this.#of;
    await checkSource(request.source, tenant, this.#of);
    // More than can be masked is refused here, not by a worker.
    new Masker({ secrets: Object.values(secrets ?? {}) });
    const record = this.#newRecord(request.serviceId, tenant);
    const { deploymentId } = record;
    const sealedSecrets = secrets && Object.keys(secrets).length > 0 ? sealer.seal(deploymentId, secrets) : undefined;
    await deployments.create(record);
    try {
      await this.#beginStream(record);
      await queue.add({ deploymentId, request, ...(sealedSecrets !== undefined && { sealedSecrets }) });
    } catch (error) {
      await this.#failed(deploymentId);
      throw error;
    }
    return record;
  }

  async cancel(deploymentId: string): Promise<Deployment> {
    const { deployments, queue } = this.#of;
    const record = await deployments.get(deploymentId);
    if (!record) throw new LogsError('NOT_FOUND', `there is no deployment ${deploymentId}`);
    if (hasEnded(record)) throw new LogsError('CONFLICT', `deployment ${deploymentId} has ${record.status} already`);
    const asked = await deployments.change(deploymentId, { cancelRequested: true });
    const found = await queue.cancel(deploymentId);
    // One that runs and that the queue does not know has just ended, or is found by Orphans.
    if (found === 'running' || (found === 'unknown' && asked?.status !== 'queued')) return asked ?? record;
    return (await conclude(this.#of, deploymentId, { status: 'cancelled' })) ?? record;
  }

  upload(archive: AsyncIterable<Uint8Array>, tenant?: string): Promise<Uploaded> {
    return this.#of.uploads.put(onlyArchives(archive), tenant);
  }

  health(): Promise<{ readonly ok: boolean; readonly detail?: string }> {
    return this.#of.health();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #newRecord(serviceId: string, tenant: string | undefined): DeploymentRecord {
    const { clock, random } = this.#of;
    // Two of one millisecond would sort by chance.
    this.#newestMs = Math.max(clock.now(), this.#newestMs + 1);
    return {
      deploymentId: newDeploymentId(this.#newestMs, random(10)),
      serviceId,
      status: 'queued',
      createdAt: new Date(this.#newestMs).toISOString(),
      ...(tenant !== undefined && { tenant }),
    };
  }

  async #beginStream({ deploymentId, createdAt }: DeploymentRecord): Promise<void> {
    const line = encodeEntry({ timestamp: createdAt, message: 'queued', stream: 'system' });
    await this.#of.store.append(`build:${deploymentId}`, [line], { ids: ['queued'] });
  }

  /** A queue that did not answer may have taken the job: its worker finds that it has ended. */
  async #failed(deploymentId: string): Promise<void> {
    try {
      await conclude(this.#of, deploymentId, { status: 'failed' }, 'the build could not be queued');
    } catch {
      // The store is away as well: Orphans ends it.
    }
  }
}
