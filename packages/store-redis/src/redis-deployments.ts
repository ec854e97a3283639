import { hasEnded, LogsError } from '@kubidu/core';
import type { DeploymentChange, DeploymentRange, DeploymentRecord, Deployments } from '@kubidu/core';

import type { Connection } from './connection.ts';
import { deploymentOf, DEPLOYMENTS } from './keys.ts';

/** Records that `forget` looks for at once. */
const AT_ONCE = 100;

/** Records of deployments in Redis: a hash each, and sorted sets that list them. */
export class RedisDeployments implements Deployments {
  readonly #connection: Connection;

  /** The connection stays its owner's. */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async create(record: DeploymentRecord): Promise<void> {
    const { deploymentId, serviceId } = record;
    const keys = [deploymentOf(deploymentId), DEPLOYMENTS.all, DEPLOYMENTS.of(serviceId)];
    const created = await this.#connection.lua('create-3', ...keys, deploymentId, ...fieldsOf(record));
    if (created !== 1) throw new LogsError('CONFLICT', `there is a deployment ${deploymentId} already`);
  }

  async get(deploymentId: string): Promise<DeploymentRecord | undefined> {
    return recordOf(await this.#connection.run((client) => client.hgetall(deploymentOf(deploymentId))));
  }

  async change(deploymentId: string, change: DeploymentChange): Promise<DeploymentRecord | undefined> {
    const ends = change.status !== undefined && hasEnded({ status: change.status });
    const endedAt = ends ? (change.endedAt === undefined ? Date.now() : Date.parse(change.endedAt)) : '';
    const keys = [deploymentOf(deploymentId), DEPLOYMENTS.ended];
    const pairs = await this.#connection.lua('change-2', ...keys, deploymentId, endedAt, ...fieldsOf(change));
    return recordOf(objectOf(pairs as string[]));
  }

  async list({ serviceId, before, limit }: DeploymentRange): Promise<readonly DeploymentRecord[]> {
    const key = serviceId === undefined ? DEPLOYMENTS.all : DEPLOYMENTS.of(serviceId);
    const from = before === undefined ? '+' : `(${before}`;
    const ids = await this.#connection.run((client) => client.zrevrangebylex(key, from, '-', 'LIMIT', 0, limit));
    const records = await Promise.all(ids.map((id) => this.get(id)));
    return records.filter((record) => record !== undefined);
  }

  async forget(endedBefore: number): Promise<number> {
    let forgotten = 0;
    for (;;) {
      const ids = await this.#connection.run((client) =>
        client.zrangebyscore(DEPLOYMENTS.ended, '-inf', `(${endedBefore}`, 'LIMIT', 0, AT_ONCE),
      );
      const gone = await Promise.all(ids.map((id) => this.#forget(id)));
      forgotten += gone.filter((one) => one).length;
      if (ids.length < AT_ONCE) return forgotten;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async #forget(id: string): Promise<boolean> {
    const key = deploymentOf(id);
    const serviceId = await this.#connection.run((client) => client.hget(key, 'serviceId'));
    const lists = [DEPLOYMENTS.all, DEPLOYMENTS.of(serviceId ?? ''), DEPLOYMENTS.ended];
    return (await this.#connection.lua('forget-4', key, ...lists, id)) === 1;
  }
}

/** Names and values in turn, for HSET. */
function fieldsOf(fields: DeploymentRecord | DeploymentChange): string[] {
  return Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [name, String(value)]));
}

function objectOf(pairs: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (let at = 0; at + 1 < pairs.length; at += 2) fields[pairs[at] ?? ''] = pairs[at + 1] ?? '';
  return fields;
}

function recordOf(fields: Readonly<Record<string, string>>): DeploymentRecord | undefined {
  const { exitCode, cancelRequested, ...texts } = fields;
  if (texts['deploymentId'] === undefined) return undefined;
  return {
    ...(texts as unknown as DeploymentRecord),
    ...(exitCode !== undefined && { exitCode: Number(exitCode) }),
    ...(cancelRequested !== undefined && { cancelRequested: cancelRequested === 'true' }),
  };
}
