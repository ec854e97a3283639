import { Injectable } from '@nestjs/common';
import type { OnModuleDestroy } from '@nestjs/common';
import { LIMITS } from '@kubidu/contracts';
import { LogsError } from '@kubidu/core';

import type { ApiPrincipal } from '../../auth/api-principal.ts';

/** One search's right to run; disposing of it gives it back. */
export interface SearchSlot extends Disposable {
  /** Aborted when the server is ending. */
  readonly signal: AbortSignal;
}

/** How many searches run, for each principal: a search may read a whole archive, and one reader is not to have all of it. */
@Injectable()
export class SearchSlots implements OnModuleDestroy {
  readonly #running = new Map<string, number>();
  readonly #ending = new AbortController();

  /** @throws {LogsError} RATE_LIMITED beyond {@link LIMITS.searchesPerPrincipal}, UNAVAILABLE when the server is ending */
  take({ kind, subject }: ApiPrincipal): SearchSlot {
    this.#ending.signal.throwIfAborted();
    const name = `${kind} ${subject}`;
    const count = this.#running.get(name) ?? 0;
    if (count >= LIMITS.searchesPerPrincipal)
      throw new LogsError('RATE_LIMITED', `${LIMITS.searchesPerPrincipal} searches of yours are running`);
    this.#running.set(name, count + 1);
    return { signal: this.#ending.signal, [Symbol.dispose]: () => this.#giveBack(name) };
  }

  onModuleDestroy(): void {
    this.#ending.abort(new LogsError('UNAVAILABLE', 'this server is ending; search on another one'));
  }

  #giveBack(name: string): void {
    const count = this.#running.get(name) ?? 0;
    if (count <= 1) this.#running.delete(name);
    else this.#running.set(name, count - 1);
  }
}
