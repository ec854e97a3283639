import { join } from 'node:path';

import { hotCap, MemoryLeases } from '@kubidu/core';
import type { Deployments, Leases, LogStore, ServiceOwners } from '@kubidu/core';

import type { Config } from '../config/config.ts';

/** The streams, the leases, the owners of services and the deployments, wherever the configuration keeps them. Whoever opened it disposes of it. */
export interface OpenStore extends AsyncDisposable {
  readonly store: LogStore;
  readonly leases: Leases;
  readonly owners: ServiceOwners;
  readonly deployments: Deployments;
  /** What /readyz calls it. */
  readonly name: string;
}

/**
 * How much longer than entries their service's owner is kept, in milliseconds: a pod's last lines may be stored long after
 * the pod was seen last, when the store was away, and whoever owns the service next can read them.
 */
const OWNERS_LONGER_MS = 86_400_000;

/** Opens Redis or the embedded store. Redis may be away: the server starts, says so, and recovers. */
export async function openStore(config: Config): Promise<OpenStore> {
  const keepOwnersMs = config.KUBIDU_RETENTION + OWNERS_LONGER_MS;
  const maxBytesPerStream = config.archive ? hotCap(config.KUBIDU_HOT_BYTES) : config.KUBIDU_HOT_BYTES;
  // Loaded when chosen: each brings a library that the other installation has no use for.
  if (config.KUBIDU_REDIS_URL !== undefined) {
    const { openRedisStore } = await import('@kubidu/store-redis');
    const redis = await openRedisStore({ url: config.KUBIDU_REDIS_URL, maxBytesPerStream, keepOwnersMs });
    const { store, leases, owners, deployments } = redis;
    const close = () => redis[Symbol.asyncDispose]();
    return { name: 'redis', store, leases, owners, deployments, [Symbol.asyncDispose]: close };
  }
  const { openLmdbStore } = await import('@kubidu/store-lmdb');
  const path = join(config.KUBIDU_DATA_DIR, 'streams');
  const lmdb = await openLmdbStore({ path, maxBytesPerStream, keepOwnersMs });
  const { store, owners, deployments } = lmdb;
  const leases = new MemoryLeases();
  const close = () => lmdb[Symbol.asyncDispose]();
  return { name: 'lmdb', store, leases, owners, deployments, [Symbol.asyncDispose]: close };
}
