import type { OnModuleDestroy } from '@nestjs/common';
import { LogsError } from '@kubidu/core';

import type { ApiPrincipal } from '../auth/api-principal.ts';

/** One long answer's right to run; disposing of it gives it back. */
export interface Slot extends Disposable {
  /** Aborted when the server is ending. */
  readonly signal: AbortSignal;
}

/** How many long answers of one sort run, for each principal. */
export abstract class Slots implements OnModuleDestroy {
  readonly #running = new Map<string, number>();
  readonly #ending = new AbortController();
  readonly #most: number;
  readonly #what: string;

  /** @param most of one principal at a time @param what they are, in the plural */
  constructor(most: number, what: string) {
    this.#most = most;
    this.#what = what;
  }

  /** @throws {LogsError} RATE_LIMITED where so many run already, UNAVAILABLE when the server is ending */
  take({ kind, subject }: ApiPrincipal): Slot {
    this.#ending.signal.throwIfAborted();
    const name = `${kind} ${subject}`;
    const count = this.#running.get(name) ?? 0;
    if (count >= this.#most) throw new LogsError('RATE_LIMITED', `${this.#most} ${this.#what} of yours are running`);
    this.#running.set(name, count + 1);
    return { signal: this.#ending.signal, [Symbol.dispose]: () => this.#giveBack(name) };
  }

  onModuleDestroy(): void {
    this.#ending.abort(new LogsError('UNAVAILABLE', 'this server is ending; ask another one'));
  }

  #giveBack(name: string): void {
    const count = this.#running.get(name) ?? 0;
    if (count <= 1) this.#running.delete(name);
    else this.#running.set(name, count - 1);
  }
}
