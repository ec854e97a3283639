import type { StreamId } from '@kubidu/contracts';

import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import type { LogStore } from './log-store.ts';
import { Ring, RingBudget } from './ring.ts';
import { LogsError } from './logs-error.ts';
import { Tail } from './tail.ts';
import type { OnTailFault } from './tail.ts';

/** A share in a tail; the tail lives while anyone holds one. */
export interface TailShare extends AsyncDisposable {
  readonly tail: Tail;
}

interface Shared {
  readonly opening: Promise<Tail>;
  holders: number;
}

/** The tails of a process: one for each stream that somebody reads, however many do. */
export class Tails implements AsyncDisposable {
  readonly #store: LogStore;
  readonly #clock: Clock;
  readonly #onFault: OnTailFault | undefined;
  readonly #rings = new RingBudget();
  readonly #shared = new Map<StreamId, Shared>();
  #closing: Promise<void> | undefined;

  constructor(store: LogStore, clock: Clock = systemClock, onFault?: OnTailFault) {
    this.#store = store;
    this.#clock = clock;
    this.#onFault = onFault;
  }

  /** Opens the stream's tail, or shares the one that is open. @throws {LogsError} UNAVAILABLE, also once closed */
  async share(stream: StreamId): Promise<TailShare> {
    if (this.#closing) throw new LogsError('UNAVAILABLE', 'this process no longer reads: it is ending');
    let shared = this.#shared.get(stream);
    if (!shared) {
      const ring = new Ring(this.#rings);
      shared = { opening: Tail.open(this.#store, stream, ring, this.#clock, this.#onFault), holders: 0 };
      this.#shared.set(stream, shared);
    }
    const own = shared;
    own.holders++;
    let held = true;
    const release = async () => {
      if (!held) return;
      held = false;
      if (--own.holders > 0) return;
      if (this.#shared.get(stream) === own) this.#shared.delete(stream);
      await own.opening.then((tail) => tail[Symbol.asyncDispose]());
    };
    try {
      return { tail: await own.opening, [Symbol.asyncDispose]: release };
    } catch (error) {
      if (this.#shared.get(stream) === own) this.#shared.delete(stream);
      throw error;
    }
  }

  /** Closes every tail; shares still held are of no use after that. Idempotent. */
  [Symbol.asyncDispose](): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const all = [...this.#shared.values()];
    this.#shared.clear();
    await Promise.all(
      all.map(({ opening }) => opening.then((tail) => tail[Symbol.asyncDispose]()).catch(() => undefined)),
    );
  }
}
