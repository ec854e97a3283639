import type { Leases, LogStore } from '@kubidu/core';

import { Connection } from './connection.ts';
import { RedisLeases } from './redis-leases.ts';
import { RedisLogStore } from './redis-log-store.ts';

/** What a store in Redis needs. */
export interface RedisStoreOptions {
  /**
   * `redis://[user:password@]host[:port][/db]`, or `rediss://` for TLS. A cluster: some of its nodes separated by commas,
   * or one as `redis+cluster://`.
   */
  readonly url: string;
  /** Bytes of one stream beyond which its oldest batches go. Default 64 MiB. */
  readonly maxBytesPerStream?: number;
}

/** The log and the leases of one Redis, over the same connection. Whoever opened it disposes of it. */
export interface RedisStore extends AsyncDisposable {
  readonly store: LogStore;
  readonly leases: Leases;
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
  await connection.open();
  return {
    store,
    leases,
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
