import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import type { HeldLease, Leases } from './lease.ts';

/** Leases of one process: what the embedded default needs, and tests. */
export class MemoryLeases implements Leases {
  readonly #held = new Map<string, HeldLease>();
  // Fences outlive the process in an embedded store: milliseconds are greater than those of every life before.
  #fence: number;

  constructor(clock: Clock = systemClock) {
    this.#fence = clock.now();
  }

  acquire(name: string): Promise<HeldLease | undefined> {
    if (this.#held.has(name)) return Promise.resolve(undefined);
    const lost = new AbortController();
    const lease: HeldLease = {
      fence: ++this.#fence,
      lost: lost.signal,
      release: () => {
        if (this.#held.get(name) === lease) this.#held.delete(name);
        return Promise.resolve();
      },
    };
    this.#held.set(name, lease);
    return Promise.resolve(lease);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#held.clear();
    return Promise.resolve();
  }
}
