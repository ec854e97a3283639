import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll } from '@jest/globals';
import { RealRedis, RealRedisCluster } from '@kubidu/testing';
import { describeBuildQueue } from '@kubidu/testing/build-queue.conformance';

import { BullBuildQueue } from './bull-build-queue.ts';
import { DiskBuildQueue } from './disk-build-queue.ts';

let redis: RealRedis;
let cluster: RealRedisCluster;
let folder: string;
let folders = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubidu-queue-'));
  [redis, cluster] = await Promise.all([RealRedis.start(), RealRedisCluster.start()]);
});

afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describeBuildQueue('A folder', () => DiskBuildQueue.open(join(folder, String(folders++))));
describeBuildQueue('BullMQ on one Redis', async () => {
  await redis.cli('flushall');
  return BullBuildQueue.open(redis.url);
});
describeBuildQueue('BullMQ on a Redis Cluster', async () => {
  for (const node of cluster.nodes) await node.cli('flushall');
  return BullBuildQueue.open(cluster.url);
});
