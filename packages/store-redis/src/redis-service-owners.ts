import type { Owner, ServiceOwners } from '@kubidu/core';

import type { Connection } from './connection.ts';
import { keysOf } from './keys.ts';

/** Owners in Redis, each beside the stream of its service, by Redis's own clock. */
export class RedisServiceOwners implements ServiceOwners {
  readonly #connection: Connection;
  readonly #keepMs: number;

  /**
   * The connection stays its owner's.
   * @param keepMs milliseconds for which an owner that does not claim again is kept
   */
  constructor(connection: Connection, keepMs: number) {
    this.#connection = connection;
    this.#keepMs = keepMs;
  }

  async claim(serviceId: string, { namespace, tenant = '' }: Owner): Promise<Owner> {
    const owner = await this.#connection.lua('claim-1', keyOf(serviceId), namespace, tenant, this.#keepMs);
    return ownerOf(...(owner as [string, string]));
  }

  async owner(serviceId: string): Promise<Owner | undefined> {
    const key = keyOf(serviceId);
    const [namespace, tenant] = await this.#connection.run((client) => client.hmget(key, 'namespace', 'tenant'));
    return namespace ? ownerOf(namespace, tenant ?? '') : undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

const keyOf = (serviceId: string) => keysOf(`runtime:${serviceId}`).owner;

function ownerOf(namespace: string, tenant: string): Owner {
  return { namespace, ...(tenant !== '' && { tenant }) };
}
