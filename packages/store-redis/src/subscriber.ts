import type { Redis } from 'ioredis';

import { pauseBefore } from './connection.ts';
import { asLogsError } from './unavailable.ts';

/** Pause between two looks whether the connection still lives, in milliseconds. */
const PING_MS = 5_000;

/** Channels in one SUBSCRIBE when a connection is new. */
const CHANNELS_AT_ONCE = 1_000;

/** What a subscriber needs from its owner. */
export interface SubscriberOptions {
  /** A client that is not connected and does not come back by itself. */
  readonly connect: () => Redis;
  /** Something was published. Must not throw. */
  readonly onMessage: (channel: string, message: Buffer) => void;
  /** All channels are subscribed again; what was published meanwhile is lost. Must not throw. */
  readonly onBack: () => void;
}

/**
 * One connection for all channels of a process. It is opened with the first channel and comes back until closed, which
 * includes Redis cutting a subscriber that has fallen 32 MB behind.
 */
export class Subscriber implements AsyncDisposable {
  readonly #options: SubscriberOptions;
  readonly #channels = new Set<string>();
  #client: Redis | undefined;
  #connected: Promise<Redis> | undefined;
  #attempts = 0;
  #retry: NodeJS.Timeout | undefined;
  #pings: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: SubscriberOptions) {
    this.#options = options;
  }

  /** Resolves once what is published there arrives. @throws {LogsError} UNAVAILABLE; then nothing is subscribed */
  async subscribe(channel: string): Promise<void> {
    this.#channels.add(channel);
    try {
      const client = await (this.#connected ??= this.#connect());
      await client.subscribe(channel);
    } catch (error) {
      this.#channels.delete(channel);
      throw asLogsError(error);
    }
  }

  /** What is published there from now on may still arrive for a moment. */
  unsubscribe(channel: string): void {
    if (!this.#channels.delete(channel) || this.#client?.status !== 'ready') return;
    this.#client.unsubscribe(channel).catch(() => {
      // The connection broke: the next one subscribes to what is left.
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearInterval(this.#pings);
    this.#client?.disconnect();
    return Promise.resolve();
  }

  /** Connects once and subscribes to all channels there are. */
  async #connect(): Promise<Redis> {
    const client = this.#options.connect();
    this.#client = client;
    client.on('error', () => {});
    client.on('messageBuffer', (channel, message) => this.#options.onMessage(channel.toString(), message));
    client.once('end', () => this.#gone());
    try {
      await client.connect();
      const channels = [...this.#channels];
      for (let at = 0; at < channels.length; at += CHANNELS_AT_ONCE)
        await client.subscribe(...channels.slice(at, at + CHANNELS_AT_ONCE));
    } catch (error) {
      client.disconnect();
      throw error;
    }
    this.#attempts = 0;
    this.#pings ??= setInterval(() => this.#ping(), PING_MS).unref();
    return client;
  }

  #ping(): void {
    const client = this.#client;
    if (client?.status !== 'ready') return;
    client.ping().catch(() => client.disconnect());
  }

  #gone(): void {
    this.#connected = undefined;
    if (this.#closed || this.#retry) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      if (this.#channels.size > 0) this.#reconnect();
    }, pauseBefore(++this.#attempts));
  }

  #reconnect(): void {
    this.#connected ??= this.#connect();
    this.#connected.then(this.#options.onBack, () => {
      // Its end has set the next attempt going.
    });
  }
}
