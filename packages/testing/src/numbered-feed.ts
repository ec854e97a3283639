import type { StreamId } from '@kubidu/contracts';

import { numberedLines } from './numbered-lines.ts';
import { pace } from './pace.ts';
import { HttpFailure, RawHttp } from './protocol/raw-http.ts';

export interface NumberedFeedOptions {
  /** Where to send; each batch that fails is sent to the next one. */
  readonly urls: readonly string[];
  readonly stream: StreamId;
  readonly writer: string;
  readonly token?: string;
  /** Lines in one request; default 200. */
  readonly batch?: number;
  /** Default: as fast as they are taken. */
  readonly perSecond?: number;
}

/** Sends numbered lines over HTTP and goes on through every failure, as a careful sender does: the same ids again. */
export class NumberedFeed {
  /** Lines that the server acknowledged. */
  acknowledged = 0;
  /** Index of the last of them. */
  lastIndex = 0;
  /** Requests that failed and were made again. */
  retries = 0;
  readonly #options: NumberedFeedOptions;
  readonly #to: readonly RawHttp[];
  #at = 0;

  constructor(options: NumberedFeedOptions) {
    this.#options = options;
    this.#to = options.urls.map((url) => new RawHttp(url, options.token));
  }

  /** Sends that many more lines; resolves once all are acknowledged, or the signal aborted. */
  async send(lines: number, signal?: AbortSignal): Promise<void> {
    const { stream, writer, batch = 200, perSecond = Number.POSITIVE_INFINITY } = this.#options;
    const from = this.acknowledged + 1;
    const messages = numberedLines(lines, writer, { from });
    const started = performance.now();
    for (let sent = 0; sent < lines && signal?.aborted !== true; sent += batch) {
      const some = Array.from({ length: Math.min(batch, lines - sent) }, () => messages.next().value as string);
      const ids = some.map((_, i) => `${writer}-${from + sent + i}`);
      this.lastIndex = await this.#sendUntilTaken(stream, some, ids, signal);
      this.acknowledged = from + sent + some.length - 1;
      const ahead = ((sent + some.length) / perSecond) * 1_000 - (performance.now() - started);
      if (ahead > 0) await pace(ahead);
    }
  }

  async #sendUntilTaken(
    stream: StreamId,
    messages: readonly string[],
    ids: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<number> {
    const until = Date.now() + 60_000;
    for (;;) {
      try {
        const to = this.#to[this.#at % this.#to.length];
        return (await to?.feed(stream, messages, ids)) ?? 0;
      } catch (error) {
        const forGood = error instanceof HttpFailure && error.status < 500;
        if (forGood || Date.now() > until || signal?.aborted === true) throw error;
        this.retries++;
        this.#at++;
        await pace(50);
      }
    }
  }
}
