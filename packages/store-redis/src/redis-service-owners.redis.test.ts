import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hasCode } from '@kubidu/core';
import type { ServiceOwners } from '@kubidu/core';
import { RealRedis, RealRedisCluster } from '@kubidu/testing';
import { describeServiceOwners } from '@kubidu/testing/service-owners.conformance';

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

/** Owners on a server that all share, over a connection of their own. */
async function open(url: string, keepOwnersMs: number): Promise<ServiceOwners> {
  const { owners, ...opened } = await openRedisStore({ url, keepOwnersMs });
  return {
    claim: (service, claimant) => owners.claim(service, claimant),
    owner: (service) => owners.owner(service),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

describeServiceOwners('Redis, one server', (keepMs) => open(redis.url, keepMs));
describeServiceOwners('Redis, a cluster of three masters', (keepMs) => open(cluster.url, keepMs));

describe('An owner in Redis', () => {
  const mine = { namespace: 'mine', tenant: 'a' };
  const theirs = { namespace: 'theirs', tenant: 'b' };

  it('is the same for every process, whichever of them claims first', async () => {
    await using one = await openRedisStore({ url: redis.url });
    await using other = await openRedisStore({ url: redis.url });
    const claims = await Promise.all([one.owners.claim('raced', mine), other.owners.claim('raced', theirs)]);
    expect(claims[0]).toEqual(claims[1]);
    expect(await one.owners.owner('raced')).toEqual(await other.owners.owner('raced'));
  });

  it('stays when every process is gone, beside its stream and until it expires', async () => {
    {
      await using before = await openRedisStore({ url: redis.url });
      await before.owners.claim('kept', mine);
    }
    await using after = await openRedisStore({ url: redis.url });
    expect(await after.owners.claim('kept', theirs)).toEqual(mine);
    expect(await redis.cli('hgetall', 'logs:{runtime:kept}:owner')).toBe('namespace\nmine\ntenant\na');
    const expires = Number(await redis.cli('ttl', 'logs:{runtime:kept}:owner'));
    expect(expires).toBeGreaterThan(7 * 86_400 - 60);
    expect(expires).toBeLessThanOrEqual(7 * 86_400);
  });

  it('claims again also while Redis is full', async () => {
    await using own = await RealRedis.start();
    await using store = await openRedisStore({ url: own.url });
    await store.owners.claim('full', mine);
    await own.cli('config', 'set', 'maxmemory-policy', 'noeviction');
    await own.cli('config', 'set', 'maxmemory', '1');
    await own.cli('pexpire', 'logs:{runtime:full}:owner', '60000');
    expect(await store.owners.claim('full', mine)).toEqual(mine);
    expect(Number(await own.cli('ttl', 'logs:{runtime:full}:owner'))).toBeGreaterThan(60);
    expect(hasCode(await failureOf(store.owners.claim('another', mine)), 'UNAVAILABLE')).toBe(true);
  });

  it('is neither told nor given while Redis is away', async () => {
    await using own = await RealRedis.start();
    await using store = await openRedisStore({ url: own.url });
    await own.kill9();
    expect(hasCode(await failureOf(store.owners.claim('away', mine)), 'UNAVAILABLE')).toBe(true);
    expect(hasCode(await failureOf(store.owners.owner('away')), 'UNAVAILABLE')).toBe(true);
  });
});

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
