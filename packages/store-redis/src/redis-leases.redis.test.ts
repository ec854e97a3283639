import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hasCode } from '@kubidu/core';
import { eventually, FaultProxy, RealRedis } from '@kubidu/testing';
import { describeLeases } from '@kubidu/testing/leases.conformance';

import { openRedisStore } from './open-redis-store.ts';
import type { RedisStore } from './open-redis-store.ts';

let redis: RealRedis;
let opened: RedisStore[] = [];

beforeAll(async () => {
  redis = await RealRedis.start();
});

afterAll(async () => {
  for (const store of opened) await store[Symbol.asyncDispose]();
  opened = [];
  await redis[Symbol.asyncDispose]();
});

const open = async (url = redis.url) => {
  const store = await openRedisStore({ url });
  opened.push(store);
  return store;
};

describeLeases('Redis', async () => (await open()).leases);

describe('A lease in Redis', () => {
  it('is renewed for longer than it lasts by itself', async () => {
    const { leases } = await open();
    const other = (await open()).leases;
    const held = await leases.acquire('runtime:renewed');
    const until = Date.now() + 6_500;
    await eventually(async () => {
      expect(await other.acquire('runtime:renewed')).toBeUndefined();
      return Date.now() > until;
    });
    expect(held?.lost.aborted).toBe(false);
  });

  it('is free within 6 s of its holder falling silent, and the old holder has noticed before', async () => {
    await using proxy = await FaultProxy.open({ port: redis.port });
    const silent = await open(`redis://127.0.0.1:${proxy.port}`);
    const held = await silent.leases.acquire('runtime:silent');
    proxy.pause();
    const from = Date.now();
    const others = await open();
    const next = await eventually(async () => (await others.leases.acquire('runtime:silent')) ?? false);
    expect(Date.now() - from).toBeLessThan(6_000);
    expect(held?.lost.aborted).toBe(true);
    expect(next.fence).toBeGreaterThan(held?.fence ?? 0);
  });

  it('shuts out the appends of an earlier holder at once', async () => {
    const { store, leases } = await open();
    const first = await leases.acquire('runtime:fenced');
    await store.append('runtime:fenced', ['{}'], { fence: first?.fence ?? 0 });
    await first?.release();
    const second = await leases.acquire('runtime:fenced');
    const late = store.append('runtime:fenced', ['{}'], { fence: first?.fence ?? 0 });
    await expect(late).rejects.toMatchObject({ code: 'CONFLICT' });
    await store.append('runtime:fenced', ['{}'], { fence: second?.fence ?? 0 });
    expect(await store.head('runtime:fenced')).toMatchObject({ lastIndex: 2 });
  });

  it('is taken again under its old fence where Redis lost its data', async () => {
    await using own = await RealRedis.start();
    await using mine = await openRedisStore({ url: own.url });
    const held = await mine.leases.acquire('runtime:kept');
    await own.restart({ wipe: true });
    await eventually(async () => (await own.cli('get', 'logs:{runtime:kept}:lease')).endsWith(` ${held?.fence}`));
    expect(held?.lost.aborted).toBe(false);
    await using others = await openRedisStore({ url: own.url });
    expect(await others.leases.acquire('runtime:kept')).toBeUndefined();
  });

  it('is not given while Redis is away', async () => {
    await using own = await RealRedis.start();
    await using mine = await openRedisStore({ url: own.url });
    await own.kill9();
    const failure = await mine.leases.acquire('runtime:away').catch((error: unknown) => error);
    expect(hasCode(failure, 'UNAVAILABLE')).toBe(true);
  });
});
