import { pino } from 'pino';

import { createApi } from '../create-api.ts';
import type { Brought, RunningApi } from '../create-api.ts';
import { loadConfig } from '../modules/config/config.ts';

/** A server in process on a free port, with what the environment names unless the test brings it. */
export class ConfiguredApi implements AsyncDisposable {
  readonly api: RunningApi;

  protected constructor(api: RunningApi) {
    this.api = api;
  }

  static async start(environment: Record<string, string> = {}, brought: Brought = {}): Promise<ConfiguredApi> {
    return new ConfiguredApi(await this.open(environment, brought));
  }

  protected static open(environment: Record<string, string>, brought: Brought): Promise<RunningApi> {
    const { config } = loadConfig({ PORT: '0', KUBIDU_PROCFILE: 'off', ...environment });
    return createApi(config, { logger: pino({ level: 'silent' }), ...brought });
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
