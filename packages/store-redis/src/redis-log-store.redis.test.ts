import { afterAll, beforeAll } from '@jest/globals';
import type { LogStore } from '@kubidu/core';
import { RealRedis, RealRedisCluster } from '@kubidu/testing';
import { describeLogStore } from '@kubidu/testing/log-store.conformance';

import { Connection } from './connection.ts';
import { RedisLogStore } from './redis-log-store.ts';

/** A store of its own on a server that all share. */
async function open(url: string, maxBytesPerStream: number): Promise<LogStore> {
  const connection = new Connection(url);
  await connection.open();
  const store = new RedisLogStore(connection, { maxBytesPerStream });
  const close = store[Symbol.asyncDispose].bind(store);
  store[Symbol.asyncDispose] = async () => {
    await close();
    await connection[Symbol.asyncDispose]();
  };
  return store;
}

let redis: RealRedis;
let cluster: RealRedisCluster;

beforeAll(async () => {
  [redis, cluster] = await Promise.all([RealRedis.start(), RealRedisCluster.start()]);
});

afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

describeLogStore('Redis, one server', ({ maxBytesPerStream }) => open(redis.url, maxBytesPerStream));
describeLogStore('Redis, a cluster of three masters', ({ maxBytesPerStream }) => open(cluster.url, maxBytesPerStream));
