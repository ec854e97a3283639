import { describe, expect, it } from '@jest/globals';

import { RealRedis } from './real-redis.ts';
import { RealRedisCluster } from './real-redis-cluster.ts';

describe('RealRedis', () => {
  it('finds its data again with an append-only file, and not when wiped', async () => {
    await using redis = await RealRedis.start({ appendOnly: true });
    await redis.cli('config', 'set', 'appendfsync', 'always');
    await redis.cli('set', 'a', '1');
    await redis.kill9();
    await expect(redis.cli('get', 'a')).rejects.toThrow();
    await redis.restart();
    expect(await redis.cli('get', 'a')).toBe('1');
    await redis.restart({ wipe: true });
    expect(await redis.cli('get', 'a')).toBe('');
  });

  it('serves every slot as a cluster of three', async () => {
    await using cluster = await RealRedisCluster.start();
    expect(await cluster.nodes[0]?.cli('cluster', 'info')).toContain('cluster_slots_ok:16384');
  });
});
