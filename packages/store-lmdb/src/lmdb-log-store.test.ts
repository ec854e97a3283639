import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll } from '@jest/globals';
import { describeLogStore } from '@kubidu/testing/log-store.conformance';

import { openLmdbStore } from './open-lmdb-store.ts';

let folder: string;
let stores = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubidu-lmdb-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describeLogStore('LMDB', async ({ maxBytesPerStream }) => {
  const { store } = await openLmdbStore({ path: join(folder, String(stores++)), maxBytesPerStream });
  return store;
});
