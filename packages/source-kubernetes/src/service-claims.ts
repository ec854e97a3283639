import { setTimeout as sleep } from 'node:timers/promises';

import type { Owner, ServiceOwners } from '@kubidu/core';
import { hasCode } from '@kubidu/core';

import { retryDelay, withJitter } from './timing.ts';
import type { Timing } from './timing.ts';

export interface ClaimsOptions {
  readonly owners: ServiceOwners;
  readonly timing: Timing;
  /** For whom the service is claimed; undefined: for nobody. */
  readonly claimant: (serviceId: string) => Promise<Owner | undefined>;
  /** Whoever owns the service now, after each claim. */
  readonly onOwner: (serviceId: string, owner: Owner) => void;
  /** Everything wanted was tried once more. */
  readonly onTried: () => void;
  /** The services to claim again, now and then, so that their owners are kept. */
  readonly due: () => Iterable<string>;
}

const AT_ONCE = 200;

/** Claims services where all processes of the installation do, so that all come to the same owner. */
export class ServiceClaims {
  readonly #options: ClaimsOptions;
  readonly #wanted = new Set<string>();
  #wake = new AbortController();
  #fault: unknown;

  constructor(options: ClaimsOptions) {
    this.#options = options;
  }

  /** Why owners cannot be had, unless it is their store that is away, which has a state of its own. */
  get fault(): unknown {
    return hasCode(this.#fault, 'UNAVAILABLE') ? undefined : this.#fault;
  }

  /** Claims these as soon as it can be done. */
  want(serviceIds: Iterable<string>): void {
    for (const serviceId of serviceIds) this.#wanted.add(serviceId);
    this.#wake.abort();
  }

  /** Claims until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { timing, onTried, due } = this.#options;
    let dueAt = Date.now() + withJitter(timing.reconcileMs);
    for (let tries = 0; !signal.aborted;) {
      await pause(dueAt - Date.now(), AbortSignal.any([signal, this.#wake.signal]));
      this.#wake = new AbortController();
      if (Date.now() >= dueAt) {
        for (const serviceId of due()) this.#wanted.add(serviceId);
        dueAt = Date.now() + withJitter(timing.reconcileMs);
      }
      this.#fault = await this.#claimWanted();
      onTried();
      if (this.#fault === undefined) {
        tries = 0;
        continue;
      }
      await pause(retryDelay(tries++, timing.retryMs), signal);
      this.#wake.abort();
    }
  }

  /** What went wrong; the services that it concerns are still wanted. */
  async #claimWanted(): Promise<unknown> {
    while (this.#wanted.size > 0) {
      const some = [...this.#wanted].slice(0, AT_ONCE);
      for (const serviceId of some) this.#wanted.delete(serviceId);
      const faults = await Promise.all(some.map((serviceId) => this.#claim(serviceId)));
      const fault = faults.find((one) => one !== undefined);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  async #claim(serviceId: string): Promise<unknown> {
    const { owners, claimant, onOwner } = this.#options;
    try {
      const claiming = await claimant(serviceId);
      if (claiming) onOwner(serviceId, await owners.claim(serviceId, claiming));
      return undefined;
    } catch (error) {
      this.#wanted.add(serviceId);
      return error;
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
