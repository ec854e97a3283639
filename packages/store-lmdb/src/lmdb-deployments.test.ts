import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Deployments } from '@kubidu/core';
import { describeDeployments } from '@kubidu/testing/deployments.conformance';

import { openLmdbStore } from './open-lmdb-store.ts';

let folder: string;
let stores = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubidu-lmdb-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const newPath = () => join(folder, String(stores++));

async function open(): Promise<Deployments> {
  const { deployments, ...opened } = await openLmdbStore({ path: newPath() });
  return {
    create: (record) => deployments.create(record),
    get: (id) => deployments.get(id),
    change: (id, change) => deployments.change(id, change),
    list: (range) => deployments.list(range),
    forget: (before) => deployments.forget(before),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

describeDeployments('LMDB', open);

describe('A deployment on disk', () => {
  const record = {
    deploymentId: 'd1',
    serviceId: 'web',
    status: 'queued',
    createdAt: '2026-11-20T23:16:57.856Z',
  } as const;

  it('stays when the store is closed and opened again', async () => {
    const path = newPath();
    {
      await using before = await openLmdbStore({ path });
      await before.deployments.create(record);
    }
    await using after = await openLmdbStore({ path });
    expect(await after.deployments.list({ serviceId: 'web', limit: 10 })).toEqual([record]);
  });

  it('is not told once the store is closed', async () => {
    const { deployments, ...opened } = await openLmdbStore({ path: newPath() });
    await opened[Symbol.asyncDispose]();
    for (const asked of [deployments.get('d1'), deployments.create(record), deployments.list({ limit: 1 })])
      await expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
