import { Injectable } from '@nestjs/common';
import type { OnModuleDestroy } from '@nestjs/common';
import { LIMITS } from '@kubidu/contracts';
import { LogsError } from '@kubidu/core';

import type { ApiPrincipal } from '../../auth/api-principal.ts';

/** One download's right to run; disposing of it gives it back. */
export interface DownloadSlot extends Disposable {
  /** Aborted when the server is ending. */
  readonly signal: AbortSignal;
}

/** How many downloads run, for each principal: each keeps a few megabytes for as long as its client likes. */
@Injectable()
export class DownloadSlots implements OnModuleDestroy {
  readonly #running = new Map<string, number>();
  readonly #ending = new AbortController();

  /** @throws {LogsError} RATE_LIMITED beyond {@link LIMITS.downloadsPerPrincipal}, UNAVAILABLE when the server is ending */
  take({ kind, subject }: ApiPrincipal): DownloadSlot {
    this.#ending.signal.throwIfAborted();
    const name = `${kind} ${subject}`;
    const count = this.#running.get(name) ?? 0;
    if (count >= LIMITS.downloadsPerPrincipal)
      throw new LogsError('RATE_LIMITED', `${LIMITS.downloadsPerPrincipal} downloads of yours are running`);
    this.#running.set(name, count + 1);
    return { signal: this.#ending.signal, [Symbol.dispose]: () => this.#giveBack(name) };
  }

  onModuleDestroy(): void {
    this.#ending.abort(new LogsError('UNAVAILABLE', 'this server is ending; download from another one'));
  }

  #giveBack(name: string): void {
    const count = this.#running.get(name) ?? 0;
    if (count <= 1) this.#running.delete(name);
    else this.#running.set(name, count - 1);
  }
}
