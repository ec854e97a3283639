import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { KEEP_OWNERS_MS } from './service-owners.ts';
import type { Owner, ServiceOwners } from './service-owners.ts';

interface Seen {
  readonly owner: Owner;
  readonly until: number;
}

/** Owners for as long as one process runs: for tests, and for sources that stand alone. */
export class MemoryServiceOwners implements ServiceOwners {
  /** The one seen longest ago first, so that what has lapsed stands at the beginning. */
  readonly #seen = new Map<string, Seen>();
  readonly #keepMs: number;
  readonly #clock: Clock;

  /** @param keepMs milliseconds for which an owner that does not claim again is kept */
  constructor(keepMs = KEEP_OWNERS_MS, clock: Clock = systemClock) {
    this.#keepMs = keepMs;
    this.#clock = clock;
  }

  claim(serviceId: string, { namespace, tenant }: Owner): Promise<Owner> {
    this.#dropLapsed();
    const owner = this.#seen.get(serviceId)?.owner;
    if (owner && owner.namespace !== namespace) return Promise.resolve(owner);
    const claimant: Owner = { namespace, ...(tenant !== undefined && { tenant }) };
    this.#seen.delete(serviceId);
    this.#seen.set(serviceId, { owner: claimant, until: this.#clock.now() + this.#keepMs });
    return Promise.resolve(claimant);
  }

  owner(serviceId: string): Promise<Owner | undefined> {
    this.#dropLapsed();
    return Promise.resolve(this.#seen.get(serviceId)?.owner);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #dropLapsed(): void {
    const now = this.#clock.now();
    for (const [serviceId, { until }] of this.#seen) {
      if (until > now) break;
      this.#seen.delete(serviceId);
    }
  }
}
