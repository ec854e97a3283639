import { MemoryLeases, MemoryLogStore, MemoryServiceOwners } from '@kubidu/core';
import type { LogStore } from '@kubidu/core';
import { SignJWT } from 'jose';
import { pino } from 'pino';

import { createApi } from '../create-api.ts';
import type { Brought, RunningApi } from '../create-api.ts';
import { loadConfig } from '../modules/config/config.ts';

export const SECRET = 'a secret of at least thirty-two bytes';

/** A server in process on a free port, over a store in memory unless the test brings one. */
export class ApiFixture implements AsyncDisposable {
  readonly api: RunningApi;
  readonly store: LogStore;

  private constructor(api: RunningApi, store: LogStore) {
    this.api = api;
    this.store = store;
  }

  static async start(environment: Record<string, string> = {}, brought: Brought = {}): Promise<ApiFixture> {
    const { config } = loadConfig({ PORT: '0', KUBIDU_PROCFILE: 'off', ...environment });
    const store = brought.store ?? new MemoryLogStore();
    const api = await createApi(config, {
      store,
      leases: new MemoryLeases(),
      owners: new MemoryServiceOwners(),
      sources: [],
      logger: pino({ level: 'silent' }),
      ...brought,
    });
    return new ApiFixture(api, store);
  }

  get url(): string {
    return this.api.url;
  }

  /** Status and parsed body of a request. */
  async ask(method: string, path: string, options: Asked = {}): Promise<Answer> {
    const { body, token, headers } = options;
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json')
      ? (JSON.parse(text) as Answer['body'])
      : { text };
    return { status: response.status, body: json, headers: response.headers };
  }

  get(path: string, token?: string): Promise<Answer> {
    return this.ask('GET', path, token === undefined ? {} : { token });
  }

  post(path: string, body: unknown, token?: string): Promise<Answer> {
    return this.ask('POST', path, { body, ...(token !== undefined && { token }) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api.close();
  }
}

export interface Asked {
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown> & {
    readonly error?: {
      code: string;
      message: string;
      details?: { field: string; message: string }[];
      requestId?: string;
    };
  };
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
