import { LogsError, systemClock } from '@kubidu/core';
import type { Clock, Owner, ServiceOwners } from '@kubidu/core';

import type { OwnerSeen, Tables } from './tables.ts';

/** Owners on disk, beside the streams, for one process at a time. */
export class LmdbServiceOwners implements ServiceOwners {
  readonly #tables: Tables;
  readonly #keepMs: number;
  readonly #clock: Clock;

  /**
   * The tables stay their owner's, and have to be open for as long as this is used.
   * @param keepMs milliseconds for which an owner that does not claim again is kept
   */
  constructor(tables: Tables, keepMs: number, clock: Clock = systemClock) {
    this.#tables = tables;
    this.#keepMs = keepMs;
    this.#clock = clock;
  }

  async claim(serviceId: string, { namespace, tenant }: Owner): Promise<Owner> {
    const claimant: Owner = { namespace, ...(tenant !== undefined && { tenant }) };
    let owner: Owner | undefined;
    await this.#transaction(() => {
      owner = this.#standing(serviceId);
      if (owner && owner.namespace !== namespace) return;
      owner = claimant;
      this.#tables.owners.putSync(serviceId, { ...claimant, seenAt: this.#clock.now() });
    });
    return owner ?? claimant;
  }

  async owner(serviceId: string): Promise<Owner | undefined> {
    return this.#look(() => this.#standing(serviceId));
  }

  /** Forgets the owners that are none any more. */
  async dropLapsed(): Promise<void> {
    const { owners } = this.#tables;
    await this.#transaction(() => {
      const lapsed = [...owners.getRange()].filter(({ value }) => this.#lapsed(value));
      for (const { key } of lapsed) owners.removeSync(key);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #standing(serviceId: string): Owner | undefined {
    const seen = this.#tables.owners.get(serviceId);
    if (!seen || this.#lapsed(seen)) return undefined;
    const { seenAt: _seenAt, ...owner } = seen;
    return owner;
  }

  #lapsed({ seenAt }: OwnerSeen): boolean {
    return seenAt + this.#keepMs <= this.#clock.now();
  }

  async #transaction(change: () => void): Promise<void> {
    await this.#look(() => this.#tables.root.transaction(change));
  }

  /** Once closed, lmdb fails in its own words. */
  async #look<T>(look: () => T | Promise<T>): Promise<T> {
    try {
      return await look();
    } catch (cause) {
      throw new LogsError('UNAVAILABLE', 'the owners on disk cannot be had', { cause });
    }
  }
}
