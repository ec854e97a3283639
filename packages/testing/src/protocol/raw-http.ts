import { randomUUID } from 'node:crypto';

/** The HTTP side of a server under test, as much of it as feeding a stream takes. */
export class RawHttp {
  readonly #url: string;
  readonly #token: string | undefined;

  constructor(url: string, token?: string) {
    this.#url = url;
    this.#token = token;
  }

  /** Stores messages under new ids, in requests that a server must take; resolves with the last index. */
  async feed(stream: string, messages: readonly string[], ids?: readonly string[]): Promise<number> {
    let last = 0;
    for (let from = 0; from < messages.length;) {
      const entries = [];
      for (let bytes = 0; from < messages.length && entries.length < 1_000 && bytes < 500_000; from++) {
        const message = messages[from] ?? '';
        entries.push({ id: ids?.[from] ?? randomUUID(), timestamp: new Date().toISOString(), message });
        bytes += Buffer.byteLength(message) + 100;
      }
      last = (await this.post<{ lastIndex: number }>(`/api/streams/${stream}/entries`, { entries })).lastIndex;
    }
    return last;
  }

  /** Ends a stream. */
  async end(stream: string, outcome: { readonly status: string; readonly exitCode?: number }): Promise<void> {
    await this.post(`/api/streams/${stream}/end`, outcome);
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    return this.#json(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  }

  async get<T>(path: string): Promise<T> {
    try {
      return await this.#json(path, { headers: {} });
    } catch (error) {
      if (error instanceof HttpFailure) throw error;
      // A connection that was kept for the next request is closed at times in the very moment of that request.
      return this.#json(path, { headers: {} });
    }
  }

  async #json<T>(path: string, init: RequestInit & { headers: Record<string, string> }): Promise<T> {
    const headers = { ...init.headers, ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }) };
    const response = await fetch(new URL(path, this.#url), { ...init, headers });
    const text = await response.text();
    if (!response.ok) throw new HttpFailure(response.status, `${path}: ${response.status} ${text.slice(0, 500)}`);
    return JSON.parse(text) as T;
  }
}

/** An answer that is no success. */
export class HttpFailure extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
