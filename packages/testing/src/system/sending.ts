import type { NumberedFeed } from '../numbered-feed.ts';

/** Most that is sent: more than any test waits for. */
const LINES = 10_000_000;

/** A feed that sends in the background until it is stopped. Whoever begins it disposes of it. */
export class Sending implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #sending: Promise<void>;

  constructor(feed: NumberedFeed) {
    this.#sending = feed.send(LINES - feed.acknowledged, this.#stop.signal);
    this.#sending.catch(() => undefined); // whoever stops it learns of it
  }

  /** Resolves once what was under way is acknowledged. Idempotent. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#sending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#sending.catch(() => undefined);
  }
}
