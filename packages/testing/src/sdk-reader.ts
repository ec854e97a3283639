import { connect } from '@kubidu/client';
import type { LogsClient } from '@kubidu/client';
import type { StreamId } from '@kubidu/contracts';

import { Reader } from './reader.ts';

export interface SdkReaderOptions {
  readonly url: string;
  readonly stream: StreamId;
  readonly token?: string;
  readonly batch?: boolean;
}

/** A program that reads with our client library. */
export class SdkReader extends Reader {
  override readonly kind = 'SDK';
  /** How often the stream ended behind what had come: the server lost data. */
  behind = 0;
  ended = false;
  readonly #options: SdkReaderOptions;
  #client: LogsClient;
  #reading: Promise<void>;

  constructor(options: SdkReaderOptions) {
    super();
    this.#options = options;
    this.#client = this.#connect(options.url);
    this.#reading = this.#read(this.#client);
  }

  /** Leaves this server and goes on at another one. */
  async hop(url: string): Promise<void> {
    await this.#leave();
    this.#client = this.#connect(url);
    this.#reading = this.#read(this.#client);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.#leave();
  }

  #connect(url: string): LogsClient {
    return connect({ url, token: this.#options.token, backoff: { maxMs: 500 } });
  }

  async #leave(): Promise<void> {
    await this.#client.close();
    await this.#reading;
  }

  async #read(client: LogsClient): Promise<void> {
    const { stream, batch } = this.#options;
    try {
      for await (const item of client.subscribe(stream, { sinceIndex: this.last, batch })) {
        if (item.type === 'entries') for (const entry of item.entries) this.entries.push(entry);
        else if (item.type === 'gap') {
          if (item.reason === 'unexplained') this.errors.push(`indexes ${item.from}–${item.to} unexplained`);
          else this.gaps.push({ from: item.from, to: item.to, reason: item.reason });
        } else if (item.type === 'behind') this.behind++;
        else if (item.type === 'end') this.ended = true;
      }
    } catch (error) {
      this.errors.push(String(error));
    }
  }
}
