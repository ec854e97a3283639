import { join } from 'node:path';

import { MemoryLeases } from '@kubidu/core';
import type { Leases, LogStore } from '@kubidu/core';

import type { Config } from '../config/config.ts';

/** The streams and the leases, wherever the configuration keeps them. Whoever opened it disposes of it. */
export interface OpenStore extends AsyncDisposable {
  readonly store: LogStore;
  readonly leases: Leases;
  /** What /readyz calls it. */
  readonly name: string;
}

/** Opens Redis or the embedded store. Redis may be away: the server starts, says so, and recovers. */
export async function openStore(config: Config): Promise<OpenStore> {
  // Loaded when chosen: each brings a library that the other installation has no use for.
  if (config.KUBIDU_REDIS_URL !== undefined) {
    const { openRedisStore } = await import('@kubidu/store-redis');
    const redis = await openRedisStore({ url: config.KUBIDU_REDIS_URL, maxBytesPerStream: config.KUBIDU_HOT_BYTES });
    const { store, leases } = redis;
    return { name: 'redis', store, leases, [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose]() };
  }
  const { openLmdbStore } = await import('@kubidu/store-lmdb');
  const store = await openLmdbStore({
    path: join(config.KUBIDU_DATA_DIR, 'streams'),
    maxBytesPerStream: config.KUBIDU_HOT_BYTES,
  });
  return { name: 'lmdb', store, leases: new MemoryLeases(), [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}
