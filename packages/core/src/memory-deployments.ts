import { hasEnded } from './deployments.ts';
import type { DeploymentChange, DeploymentRange, DeploymentRecord, Deployments } from './deployments.ts';
import { LogsError } from './logs-error.ts';

/** Records of deployments for as long as one process runs: for tests. */
export class MemoryDeployments implements Deployments {
  readonly #records = new Map<string, DeploymentRecord>();

  create(record: DeploymentRecord): Promise<void> {
    const { deploymentId } = record;
    if (this.#records.has(deploymentId))
      return Promise.reject(new LogsError('CONFLICT', `there is a deployment ${deploymentId} already`));
    this.#records.set(deploymentId, { ...record });
    return Promise.resolve();
  }

  get(deploymentId: string): Promise<DeploymentRecord | undefined> {
    return Promise.resolve(this.#records.get(deploymentId));
  }

  change(deploymentId: string, change: DeploymentChange): Promise<DeploymentRecord | undefined> {
    const record = this.#records.get(deploymentId);
    if (!record || hasEnded(record)) return Promise.resolve(record);
    const changed = { ...record, ...change };
    this.#records.set(deploymentId, changed);
    return Promise.resolve(changed);
  }

  list({ serviceId, before, limit }: DeploymentRange): Promise<readonly DeploymentRecord[]> {
    const found = [...this.#records.values()]
      .filter((record) => serviceId === undefined || record.serviceId === serviceId)
      .filter(({ deploymentId }) => before === undefined || deploymentId < before)
      .sort((a, b) => (a.deploymentId < b.deploymentId ? 1 : -1));
    return Promise.resolve(found.slice(0, limit));
  }

  forget(endedBefore: number): Promise<number> {
    const ended = [...this.#records.values()].filter((record) => hasEnded(record) && endOf(record) < endedBefore);
    for (const { deploymentId } of ended) this.#records.delete(deploymentId);
    return Promise.resolve(ended.length);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

const endOf = ({ endedAt, createdAt }: DeploymentRecord) => Date.parse(endedAt ?? createdAt);
