import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';
import { systemClock } from '@kubidu/core';
import { Connection, openRedisStore } from '@kubidu/store-redis';
import { eventually, RealRedis, SpawnedProcess } from '@kubidu/testing';

import { Desk } from './desk/desk.ts';
import { BullBuildQueue } from './queue/bull-build-queue.ts';
import { Sealer } from './secrets/sealer.ts';
import { RedisBuildUploads } from './uploads/redis-build-uploads.ts';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

describe('A worker of its own', () => {
  it.each([
    { env: {}, says: ['KUBIDU_REDIS_URL: is missing'] },
    {
      env: { KUBIDU_REDIS_URL: 'http://:hunter2@x', KUBIDU_BUILD_RETRY: 'twice', KUBIDU_SECRETS_KEY: 'hunter2' },
      says: ['KUBIDU_REDIS_URL: must be', 'KUBIDU_BUILD_RETRY=twice', 'KUBIDU_SECRETS_KEY: must be at least'],
    },
  ])('lists every mistake in its settings, ends with status 2, and shows no secret: $says', async ({ env, says }) => {
    await using worker = new SpawnedProcess(MAIN, [], { env });
    expect(await worker.exit()).toBe(2);
    for (const one of says) expect(worker.stderr).toContain(one);
    expect(worker.stderr).not.toContain('hunter2');
    expect(worker.stdout).toBe('');
  });

  it('starts while Redis is away, takes builds once it is there, and ends when it is told to', async () => {
    await using redis = await RealRedis.start();
    await redis.kill9();
    const folder = await mkdtemp(join(tmpdir(), 'kubidu-worker-'));
    await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\n');
    {
      const env = {
        KUBIDU_REDIS_URL: redis.url,
        KUBIDU_DATA_DIR: folder,
        KUBIDU_BUILD_PATHS: folder,
        DOCKER_HOST: `unix://${folder}/none.sock`,
      };
      await using worker = new SpawnedProcess(MAIN, [], { env });
      await eventually(() => worker.stdout.includes('Kubidu Logs: builds are taken\n'), { timeoutMs: 20_000 });
      await redis.restart();
      await using store = await openRedisStore({ url: redis.url });
      await using connection = new Connection(redis.url);
      await connection.open();
      await using queue = await BullBuildQueue.open(redis.url);
      const desk = new Desk({
        ...{ store: store.store, deployments: store.deployments, queue, clock: systemClock, random: randomBytes },
        uploads: new RedisBuildUploads(connection, 1_000),
        sealer: new Sealer({}),
        allowedRoots: [folder],
        workersHere: true,
        health: () => Promise.resolve({ ok: true }),
      });
      const { deploymentId } = await desk.request({ serviceId: 'web', source: { path: folder } });
      // There is no engine: the build fails in words, and the worker goes on.
      await eventually(
        async () => expect(await store.deployments.get(deploymentId)).toMatchObject({ status: 'failed' }),
        { timeoutMs: 20_000 },
      );
      const { batches } = await store.store.read(`build:${deploymentId}`, { after: 0, limit: 100 });
      const messages = batches.flatMap((batch) => batch.entries()).map(({ message }) => message);
      expect(messages.join('\n')).toMatch(/Docker/);
      worker.signal('SIGTERM');
      expect(await worker.exit()).toBe(0);
    }
    await rm(folder, { recursive: true });
  }, 90_000);
});
