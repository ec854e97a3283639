import { join } from 'node:path';

import type { LogStore } from '@kubidu/core';
import { LogsError } from '@kubidu/core';

import { LmdbLogStore } from './lmdb-log-store.ts';
import { ProcessLock } from './process-lock.ts';
import { openTables } from './tables.ts';

/** What a store on disk needs. */
export interface LmdbStoreOptions {
  /** A folder of its own; it is created. */
  readonly path: string;
  /** Bytes of one stream (before compression) beyond which its oldest batches go. Default 64 MiB. */
  readonly maxBytesPerStream?: number;
}

/**
 * Opens the store. Its file grows with what is held and keeps its size: room that became free is used again.
 * @throws {LogsError} UNAVAILABLE while another process uses the folder, or where it cannot be written
 */
export async function openLmdbStore({
  path,
  maxBytesPerStream = 64 * 1024 * 1024,
}: LmdbStoreOptions): Promise<LogStore> {
  let lock: ProcessLock | undefined;
  try {
    lock = await ProcessLock.take(join(path, 'lock'));
    return new LmdbLogStore(openTables(join(path, 'log.mdb')), lock, { maxBytesPerStream });
  } catch (cause) {
    await lock?.[Symbol.asyncDispose]();
    throw cause instanceof LogsError
      ? cause
      : new LogsError('UNAVAILABLE', `${path} cannot be opened as a store`, { cause });
  }
}
