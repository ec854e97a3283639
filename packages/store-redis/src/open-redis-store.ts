import { KEEP_OWNERS_MS } from '@kubidu/core';
import type { Deployments, Leases, LogStore, ServiceOwners } from '@kubidu/core';

import { Connection } from './connection.ts';
import { RedisDeployments } from './redis-deployments.ts';
import { RedisLeases } from './redis-leases.ts';
import { RedisLogStore } from './redis-log-store.ts';
import { RedisServiceOwners } from './redis-service-owners.ts';

/** What a store in Redis needs. */
export interface RedisStoreOptions {
  /**
   * `redis://[user:password@]host[:port][/db]`, or `rediss://` for TLS. A cluster: some of its nodes separated by commas,
   * or one as `redis+cluster://`.
   */
  readonly url: string;
  /** Bytes of one stream beyond which its oldest batches go. Default 64 MiB. */
  readonly maxBytesPerStream?: number;
  /** Milliseconds for which the owner of a service is kept that does not claim it again. Default 7 days. */
  readonly keepOwnersMs?: number;
}

/** The log, the leases, the owners and the deployments of one Redis, over the same connection. Whoever opened it disposes of it. */
export interface RedisStore extends AsyncDisposable {
  readonly store: LogStore;
  readonly leases: Leases;
  readonly owners: ServiceOwners;
  readonly deployments: Deployments;
  /** Resolves if Redis answers. @throws {LogsError} UNAVAILABLE */
  ping(): Promise<void>;
}

/**
 * Opens the store; resolves after the first attempt to connect, whether or not Redis was there: until it is, every call
 * throws UNAVAILABLE.
 * @throws {LogsError} INVALID_ARGUMENT for a URL that is none
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<RedisStore> {
  const connection = new Connection(options.url);
  const store = new RedisLogStore(connection, { maxBytesPerStream: options.maxBytesPerStream ?? 64 * 1024 * 1024 });
  const leases = new RedisLeases(connection);
  const owners = new RedisServiceOwners(connection, options.keepOwnersMs ?? KEEP_OWNERS_MS);
  await connection.open();
  return {
    store,
    leases,
    owners,
    deployments: new RedisDeployments(connection),
    ping: async () => {
      await connection.run((client) => client.ping());
    },
    [Symbol.asyncDispose]: async () => {
      await leases[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      await connection[Symbol.asyncDispose]();
    },
  };
}
