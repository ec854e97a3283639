import { setTimeout as delay } from 'node:timers/promises';

/** How a {@link Perseverance} tells, and how long it waits; the defaults are for a store on the network. */
export interface PerseveranceOptions {
  /** Whether what failed so may succeed later. */
  readonly isWorth: (error: unknown) => boolean;
  /** Longest wait before the second attempt, in milliseconds; it doubles up to thirty-two times as much. */
  readonly waitMs?: number;
}

const TRIES = 8;
/** How long one answer speaks for a store. */
const ANSWERED_MS = 30_000;
const WAIT_MS = 100;

/**
 * Attempts again what failed, as long as the store answers now and then: of one that does not answer at all the first
 * failure is enough. The client's own attempts use up a budget, and an hour of errors leaves none of it.
 */
export class Perseverance {
  readonly #isWorth: (error: unknown) => boolean;
  readonly #waitMs: number;
  #answeredAt = -Infinity;

  constructor({ isWorth, waitMs = WAIT_MS }: PerseveranceOptions) {
    this.#isWorth = isWorth;
    this.#waitMs = waitMs;
  }

  /** Rejects with the last failure. */
  async run<T>(attempt: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        const answer = await attempt();
        this.#answeredAt = performance.now();
        return answer;
      } catch (error) {
        const answers = performance.now() - this.#answeredAt < ANSWERED_MS;
        if (!answers || tries >= TRIES || !this.#isWorth(error)) throw error;
        await delay(Math.random() * this.#waitMs * 2 ** Math.min(tries - 1, 5));
      }
    }
  }
}
