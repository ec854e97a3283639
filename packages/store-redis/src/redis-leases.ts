import { randomUUID } from 'node:crypto';

import { systemClock } from '@kubidu/core';
import type { Clock, HeldLease, Leases } from '@kubidu/core';

import type { Connection } from './connection.ts';
import { keysOf } from './keys.ts';

/** A holder that is not heard of for so long has lost its lease, in milliseconds. */
const TTL_MS = 5_000;

/** Pause between two renewals, in milliseconds. */
const RENEW_MS = 1_500;

interface Held {
  readonly name: string;
  readonly fence: number;
  readonly lost: AbortController;
  /** The holder's own time until which nobody else can have taken it. */
  until: number;
}

/** Leases in Redis, each beside the stream it is named after, whose writers its fence orders. */
export class RedisLeases implements Leases {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #holder = randomUUID();
  readonly #held = new Map<string, Held>();
  readonly #timer: NodeJS.Timeout;

  /** The connection stays its owner's. */
  constructor(connection: Connection, clock: Clock = systemClock) {
    this.#connection = connection;
    this.#clock = clock;
    this.#timer = setInterval(() => this.#renewAll(), RENEW_MS).unref();
  }

  async acquire(name: string): Promise<HeldLease | undefined> {
    const { lease, meta } = keysOf(name);
    const asked = this.#clock.now();
    const fence = Number(await this.#connection.lua('acquire-2', lease, meta, this.#holder, TTL_MS));
    if (fence === 0) return undefined;
    const held: Held = { name, fence, lost: new AbortController(), until: asked + TTL_MS };
    // Held here under an earlier fence: that one has run out in Redis before it did here.
    this.#lose(this.#held.get(name));
    this.#held.set(name, held);
    return { fence, lost: held.lost.signal, release: () => this.#release(held) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#held.values()].map((held) => this.#release(held)));
  }

  async #release(held: Held): Promise<void> {
    if (this.#held.get(held.name) !== held) return;
    this.#held.delete(held.name);
    try {
      await this.#connection.lua('release-1', keysOf(held.name).lease, this.#holder, held.fence);
    } catch {
      // Away: it frees itself.
    }
  }

  #renewAll(): void {
    // Sent without waiting for each other, so they share a round trip.
    for (const held of this.#held.values())
      this.#renew(held).catch(() => {
        // Away: the next ones decide.
      });
  }

  async #renew(held: Held): Promise<void> {
    const asked = this.#clock.now();
    // The next renewal may come too late to tell.
    if (asked >= held.until - RENEW_MS) {
      this.#lose(held);
      return;
    }
    const { lease, meta } = keysOf(held.name);
    const kept = await this.#connection.lua('renew-2', lease, meta, this.#holder, held.fence, TTL_MS);
    if (kept === 1) held.until = asked + TTL_MS;
    else this.#lose(held);
  }

  #lose(held: Held | undefined): void {
    if (!held || this.#held.get(held.name) !== held) return;
    this.#held.delete(held.name);
    held.lost.abort(new Error(`the lease of ${held.name} is lost`));
  }
}
