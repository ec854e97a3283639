import { setTimeout as pause } from 'node:timers/promises';

import { isClientError } from './explain.ts';

/** Longest pause between two attempts, in milliseconds. */
const LONGEST_MS = 5_000;

/** Repeats `attempt` while the server is away, for as long as it takes; `onAway` hears of each failure. */
export async function patiently<T>(
  attempt: () => Promise<T>,
  onAway: (error: Error) => void,
  signal: AbortSignal,
): Promise<T> {
  for (let delayMs = 100; ; delayMs = Math.min(LONGEST_MS, delayMs * 2)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isClientError(error) || !error.retry) throw error;
      onAway(error);
    }
    await pause(delayMs * (1 - Math.random() / 2), undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
