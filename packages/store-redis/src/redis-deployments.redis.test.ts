import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Deployments } from '@kubidu/core';
import { RealRedis, RealRedisCluster } from '@kubidu/testing';
import { describeDeployments } from '@kubidu/testing/deployments.conformance';

import { openRedisStore } from './open-redis-store.ts';

let redis: RealRedis;
let cluster: RealRedisCluster;

beforeAll(async () => {
  [redis, cluster] = await Promise.all([RealRedis.start(), RealRedisCluster.start()]);
});

afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

/** Records on a server that all share, over a connection of their own. */
async function open(url: string): Promise<Deployments> {
  const { deployments, ...opened } = await openRedisStore({ url });
  return {
    create: (record) => deployments.create(record),
    get: (id) => deployments.get(id),
    change: (id, change) => deployments.change(id, change),
    list: (range) => deployments.list(range),
    forget: (before) => deployments.forget(before),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

describeDeployments('Redis, one server', () => open(redis.url));
describeDeployments('Redis, a cluster of three masters', () => open(cluster.url));

describe('A deployment in Redis', () => {
  const record = { serviceId: 'kept', status: 'queued', createdAt: '2026-11-20T23:16:57.856Z' } as const;

  it('leaves no key behind once it is forgotten', async () => {
    await using own = await RealRedis.start();
    await using store = await openRedisStore({ url: own.url });
    for (let n = 0; n < 250; n++) await store.deployments.create({ ...record, deploymentId: `d${n}` });
    for (let n = 0; n < 250; n++)
      await store.deployments.change(`d${n}`, { status: 'failed', endedAt: '2026-11-20T23:17:00Z' });
    expect(await store.deployments.forget(Date.now())).toBe(250);
    expect(await own.cli('dbsize')).toBe('0');
  });

  it('is neither told nor changed while Redis is away', async () => {
    await using own = await RealRedis.start();
    await using store = await openRedisStore({ url: own.url });
    await own.kill9();
    const { deployments } = store;
    const calls = [
      () => deployments.create({ ...record, deploymentId: 'away' }),
      () => deployments.get('away'),
      () => deployments.change('away', { status: 'running' }),
      () => deployments.list({ limit: 1 }),
      () => deployments.forget(0),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
