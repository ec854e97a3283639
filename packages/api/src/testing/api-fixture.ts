import { MemoryDeployments, MemoryLeases, MemoryLogStore, MemoryServiceOwners } from '@kubidu/core';
import type { LogStore } from '@kubidu/core';
import { SignJWT } from 'jose';

import type { Brought, RunningApi } from '../create-api.ts';
import { ConfiguredApi } from './configured-api.ts';

export const SECRET = 'a secret of at least thirty-two bytes';

/** A server in process on a free port, over a store in memory and without sources unless the test brings them. */
export class ApiFixture extends ConfiguredApi {
  readonly store: LogStore;

  private constructor(api: RunningApi, store: LogStore) {
    super(api);
    this.store = store;
  }

  static override async start(environment: Record<string, string> = {}, brought: Brought = {}): Promise<ApiFixture> {
    const store = brought.store ?? new MemoryLogStore();
    const api = await this.open(environment, {
      store,
      leases: new MemoryLeases(),
      owners: new MemoryServiceOwners(),
      deployments: new MemoryDeployments(),
      sources: [],
      ...brought,
    });
    return new ApiFixture(api, store);
  }
}

/** A token as an issuer would sign it; `exp` in seconds from now. */
export function tokenOf(claims: Record<string, unknown>, { secret = SECRET, exp = 600 } = {}): Promise<string> {
  return new SignJWT({ sub: 'tester', ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1_000) + exp)
    .sign(Buffer.from(secret));
}

/** `count` entries for the ingest, their ids and messages numbered from `first`. */
export function entriesFrom(first: number, count: number): { id: string; timestamp: string; message: string }[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `id-${first + at}`,
    timestamp: '2026-11-20T23:16:57.856942694Z',
    message: `line ${first + at}`,
  }));
}
