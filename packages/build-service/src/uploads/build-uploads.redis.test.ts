import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KEEP_UPLOADS_MS, systemClock } from '@kubidu/core';
import type { BuildUploads } from '@kubidu/core';
import { Connection } from '@kubidu/store-redis';
import { eventually, RealRedis, RealRedisCluster } from '@kubidu/testing';
import { describeBuildUploads } from '@kubidu/testing/build-uploads.conformance';

import { DiskBuildUploads } from './disk-build-uploads.ts';
import { RedisBuildUploads } from './redis-build-uploads.ts';

let redis: RealRedis;
let cluster: RealRedisCluster;
let folder: string;
let folders = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubidu-uploads-'));
  [redis, cluster] = await Promise.all([RealRedis.start(), RealRedisCluster.start()]);
});

afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const newPath = () => join(folder, String(folders++));

/** Uploads over a connection of their own. */
async function open(url: string, maxBytes: number, keepMs = KEEP_UPLOADS_MS): Promise<BuildUploads> {
  const connection = new Connection(url);
  await connection.open();
  const uploads = new RedisBuildUploads(connection, maxBytes, keepMs);
  return {
    maxBytes,
    put: (archive, tenant) => uploads.put(archive, tenant),
    find: (upload) => uploads.find(upload),
    read: (upload) => uploads.read(upload),
    remove: (upload) => uploads.remove(upload),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

describeBuildUploads('A folder', (maxBytes) => DiskBuildUploads.open({ path: newPath(), maxBytes }));
describeBuildUploads('Redis, one server', (maxBytes) => open(redis.url, maxBytes));
describeBuildUploads('Redis, a cluster of three masters', (maxBytes) => open(cluster.url, maxBytes));

async function* bytes(count: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < count; at += 1_000) yield await Promise.resolve(Buffer.alloc(Math.min(1_000, count - at)));
}

describe('An upload in a folder', () => {
  it('goes after a day, and with a new one also its file', async () => {
    const time = { now: Date.now() };
    const path = newPath();
    const clock = { ...systemClock, now: () => time.now };
    await using uploads = await DiskBuildUploads.open({ path, maxBytes: 10_000, clock });
    const { upload } = await uploads.put(bytes(5_000));
    time.now += KEEP_UPLOADS_MS + 60_000;
    expect(await uploads.find(upload)).toBeUndefined();
    expect(await readdir(path)).toHaveLength(2);
    await uploads.put(bytes(1));
    expect((await readdir(path)).filter((name) => name.startsWith(upload))).toEqual([]);
  });

  it('leaves nothing where it was too large', async () => {
    const path = newPath();
    await using uploads = await DiskBuildUploads.open({ path, maxBytes: 10_000 });
    await expect(uploads.put(bytes(10_001))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(await readdir(path)).toEqual([]);
  });
});

describe('An upload in Redis', () => {
  it('expires as a whole, and leaves nothing where it was too large', async () => {
    await using own = await RealRedis.start();
    await using uploads = await open(own.url, 10_000, 300);
    await expect(uploads.put(bytes(10_001))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(await own.cli('dbsize')).toBe('0');
    const { upload } = await uploads.put(bytes(5_000), 'a');
    await eventually(async () => (await uploads.find(upload)) === undefined);
    await eventually(async () => (await own.cli('dbsize')) === '0');
  });

  it('can neither be kept nor had while Redis is away', async () => {
    await using own = await RealRedis.start();
    await using uploads = await open(own.url, 10_000);
    const { upload } = await uploads.put(bytes(10));
    await own.kill9();
    await expect(uploads.put(bytes(10))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(uploads.find(upload)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
