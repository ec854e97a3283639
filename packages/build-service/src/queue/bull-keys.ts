import { readFileSync } from 'node:fs';

import type { Connection } from '@kubidu/store-redis';

/** What BullMQ calls the queue. */
export const QUEUE = 'builds';

/** BullMQ's own default, which its dashboards look for; in a cluster with the hash tag that it needs there. */
export const prefixOf = ({ isCluster }: Connection): string => (isCluster ? '{bull}' : 'bull');

/** The queue's keys: BullMQ's, and ours beside them. */
export class BullKeys {
  readonly #base: string;

  constructor(prefix: string) {
    this.#base = `${prefix}:${QUEUE}:`;
  }

  job = (deploymentId: string): string => this.#base + deploymentId;
  /** There where somebody cancelled a job that runs. */
  cancelled = (deploymentId: string): string => `${this.#base}cancelled:${deploymentId}`;
  /** Where the ids of jobs that are cancelled are published. */
  get cancels(): string {
    return `${this.#base}cancel`;
  }

  /** The keys of hold-6.lua, in its order. */
  hold(deploymentId: string): string[] {
    const job = this.job(deploymentId);
    const lists = ['active', 'wait', 'stalled'].map((name) => this.#base + name);
    return [`${job}:lock`, job, ...lists, this.cancelled(deploymentId)];
  }
}

/** The text of hold-6.lua. It lies with the sources, whether these run or what was built from them. */
export const HOLD = readFileSync(new URL('../../src/queue/commands/hold-6.lua', import.meta.url), 'utf8');
