import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hasCode } from '@kubidu/core';
import type { ServiceOwners } from '@kubidu/core';
import { describeServiceOwners } from '@kubidu/testing/service-owners.conformance';

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

async function open(keepOwnersMs: number): Promise<ServiceOwners> {
  const { owners, ...opened } = await openLmdbStore({ path: newPath(), keepOwnersMs });
  return {
    claim: (service, claimant) => owners.claim(service, claimant),
    owner: (service) => owners.owner(service),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

describeServiceOwners('LMDB', open);

describe('An owner on disk', () => {
  const mine = { namespace: 'mine', tenant: 'a' };
  const theirs = { namespace: 'theirs', tenant: 'b' };

  it('stays when the store is closed and opened again', async () => {
    const path = newPath();
    {
      await using before = await openLmdbStore({ path });
      await before.owners.claim('web', mine);
    }
    await using after = await openLmdbStore({ path });
    expect(await after.owners.claim('web', theirs)).toEqual(mine);
    expect(await after.owners.owner('web')).toEqual(mine);
  });

  it('is none any more where the store was closed for too long', async () => {
    const path = newPath();
    {
      await using before = await openLmdbStore({ path });
      await before.owners.claim('web', mine);
    }
    await using after = await openLmdbStore({ path, keepOwnersMs: 0 });
    expect(await after.owners.owner('web')).toBeUndefined();
  });

  it('is not given once the store is closed', async () => {
    const { owners, ...opened } = await openLmdbStore({ path: newPath() });
    await opened[Symbol.asyncDispose]();
    for (const asked of [owners.claim('web', mine), owners.owner('web')])
      expect(hasCode(await asked.catch((error: unknown) => error), 'UNAVAILABLE')).toBe(true);
  });
});
