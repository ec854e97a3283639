import { join } from 'node:path';

import type { Deployments, LogStore, ServiceOwners } from '@kubidu/core';
import { KEEP_OWNERS_MS, LogsError } from '@kubidu/core';

import { LmdbDeployments } from './lmdb-deployments.ts';
import { LmdbLogStore } from './lmdb-log-store.ts';
import { LmdbServiceOwners } from './lmdb-service-owners.ts';
import { ProcessLock } from './process-lock.ts';
import { openTables } from './tables.ts';

/** What a store on disk needs. */
export interface LmdbStoreOptions {
  /** A folder of its own; it is created. */
  readonly path: string;
  /** Bytes of one stream (before compression) beyond which its oldest batches go. Default 64 MiB. */
  readonly maxBytesPerStream?: number;
  /** Milliseconds for which the owner of a service is kept that does not claim it again. Default 7 days. */
  readonly keepOwnersMs?: number;
}

/** The log, the owners and the deployments of one folder. Whoever opened it disposes of it, or of its log, which closes all. */
export interface LmdbStore extends AsyncDisposable {
  readonly store: LogStore;
  readonly owners: ServiceOwners;
  readonly deployments: Deployments;
}

/**
 * Opens the store. Its file grows with what is held and keeps its size: room that became free is used again.
 * @throws {LogsError} UNAVAILABLE while another process uses the folder, or where it cannot be written
 */
export async function openLmdbStore({
  path,
  maxBytesPerStream = 64 * 1024 * 1024,
  keepOwnersMs = KEEP_OWNERS_MS,
}: LmdbStoreOptions): Promise<LmdbStore> {
  let opened: AsyncDisposable | undefined;
  try {
    const lock = await ProcessLock.take(join(path, 'lock'));
    opened = lock;
    const tables = openTables(join(path, 'log.mdb'));
    const store = new LmdbLogStore(tables, lock, { maxBytesPerStream });
    opened = store;
    const owners = new LmdbServiceOwners(tables, keepOwnersMs);
    await owners.dropLapsed();
    const deployments = new LmdbDeployments(tables);
    return { store, owners, deployments, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
  } catch (cause) {
    await opened?.[Symbol.asyncDispose]();
    throw cause instanceof LogsError
      ? cause
      : new LogsError('UNAVAILABLE', `${path} cannot be opened as a store`, { cause });
  }
}
