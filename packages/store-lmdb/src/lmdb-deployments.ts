import { hasEnded, LogsError } from '@kubidu/core';
import type { DeploymentChange, DeploymentRange, DeploymentRecord, Deployments } from '@kubidu/core';

import type { Tables } from './tables.ts';

/** Above every character of an id. */
const ABOVE = '\x7f';

/** Records of deployments on disk, beside the streams, for one process at a time. */
export class LmdbDeployments implements Deployments {
  readonly #tables: Tables;

  /** The tables stay their owner's, and have to be open for as long as this is used. */
  constructor(tables: Tables) {
    this.#tables = tables;
  }

  async create(record: DeploymentRecord): Promise<void> {
    const { deploymentId, serviceId } = record;
    const { deployments, deploymentsOf } = this.#tables;
    await this.#transaction(() => {
      if (deployments.get(deploymentId))
        throw new LogsError('CONFLICT', `there is a deployment ${deploymentId} already`);
      deployments.putSync(deploymentId, record);
      deploymentsOf.putSync([serviceId, deploymentId], true);
    });
  }

  get(deploymentId: string): Promise<DeploymentRecord | undefined> {
    return this.#look(() => this.#tables.deployments.get(deploymentId));
  }

  change(deploymentId: string, change: DeploymentChange): Promise<DeploymentRecord | undefined> {
    return this.#transaction(() => {
      const record = this.#tables.deployments.get(deploymentId);
      if (!record || hasEnded(record)) return record;
      const changed = { ...record, ...change };
      this.#tables.deployments.putSync(deploymentId, changed);
      return changed;
    });
  }

  list({ serviceId, before = ABOVE, limit }: DeploymentRange): Promise<readonly DeploymentRecord[]> {
    const { deployments, deploymentsOf } = this.#tables;
    return this.#look(() => {
      if (limit <= 0) return [];
      if (serviceId === undefined) {
        const range = deployments.getRange({ start: before, exclusiveStart: true, reverse: true, limit });
        return [...range].map(({ value }) => value);
      }
      const start: [string, string] = [serviceId, before];
      const keys = deploymentsOf.getKeys({ start, end: [serviceId, ''], exclusiveStart: true, reverse: true, limit });
      return [...keys].map(([, id]) => deployments.get(id)).filter((record) => record !== undefined);
    });
  }

  forget(endedBefore: number): Promise<number> {
    const { deployments, deploymentsOf } = this.#tables;
    return this.#transaction(() => {
      // All of them are looked at: a laptop's builds of a week.
      const gone = [...deployments.getRange()].filter(({ value }) => hasEnded(value) && endOf(value) < endedBefore);
      for (const { key, value } of gone) {
        deployments.removeSync(key);
        deploymentsOf.removeSync([value.serviceId, key]);
      }
      return gone.length;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #transaction<T>(change: () => T): Promise<T> {
    return this.#look(() => this.#tables.root.transaction(change));
  }

  /** Once closed, lmdb fails in its own words. */
  async #look<T>(look: () => T | Promise<T>): Promise<T> {
    try {
      return await look();
    } catch (cause) {
      if (cause instanceof LogsError) throw cause;
      throw new LogsError('UNAVAILABLE', 'the deployments on disk cannot be had', { cause });
    }
  }
}

const endOf = ({ endedAt, createdAt }: DeploymentRecord) => Date.parse(endedAt ?? createdAt);
