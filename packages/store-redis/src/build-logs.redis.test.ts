import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeEntry } from '@kubidu/core';
import { eventually, RealRedis, RealRedisCluster } from '@kubidu/testing';
import { Redis } from 'ioredis';

import { openRedisStore } from './open-redis-store.ts';

const lineOf = (message: string, step: number) =>
  encodeEntry({ timestamp: '2026-11-20T10:00:00.123456789Z', message, stream: 'stdout', step });

describe.each(['one server', 'a cluster'])('The channel build-logs of %s', (kind) => {
  let redis: RealRedis | RealRedisCluster;
  beforeAll(async () => {
    redis = kind === 'one server' ? await RealRedis.start() : await RealRedisCluster.start();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  it('carries every batch of a build as one JSON object, once, and nothing of other streams', async () => {
    const node = redis instanceof RealRedis ? redis : redis.nodes[1];
    const subscriber = new Redis(node?.port ?? 0);
    const published: unknown[] = [];
    subscriber.on('message', (_channel, message: string) => published.push(JSON.parse(message)));
    await subscriber.subscribe('build-logs');
    try {
      await using store = await openRedisStore({ url: redis.url });
      const position = { source: 'build', cursor: '1', writer: 'w', sequence: 1 };
      await store.store.append('build:d-1', [lineOf('"one"', 4), lineOf('two}', 4)], { position });
      await store.store.append('build:d-1', [lineOf('"one"', 4), lineOf('two}', 4)], { position });
      await store.store.append('runtime:web', [lineOf('not a build', 1)]);
      await store.store.append('build:d-1', [lineOf('three', 5), lineOf('two}', 4)], { ids: ['a', 'a'] });
      await eventually(() => published.length === 2);
      const shared = { timestamp: '2026-11-20T10:00:00.123456789Z', stream: 'stdout' };
      expect(published).toEqual([
        {
          ...{ deploymentId: 'd-1', first: 1, last: 2 },
          entries: [
            { ...shared, index: 1, message: '"one"', step: 4 },
            { ...shared, index: 2, message: 'two}', step: 4 },
          ],
        },
        { deploymentId: 'd-1', first: 3, last: 3, entries: [{ ...shared, index: 3, message: 'three', step: 5 }] },
      ]);
    } finally {
      subscriber.disconnect();
    }
  });
});
