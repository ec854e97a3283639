import { hasCode } from '@kubidu/core';
import type { Clock } from '@kubidu/core';

const RETRY_MS = 50;
const RETRY_MOST_MS = 1_000;

/**
 * Asks a store again and again while it is away, with pauses from 50 ms up to 1 s.
 * @throws the signal's reason once that aborts; whatever the call throws but UNAVAILABLE
 */
export async function untilAvailable<T>(call: () => Promise<T>, clock: Clock, signal: AbortSignal): Promise<T> {
  for (let tries = 0; ; tries++) {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      if (!hasCode(error, 'UNAVAILABLE')) throw error;
      await clock.sleep(Math.min(RETRY_MS * 2 ** tries, RETRY_MOST_MS), signal);
    }
  }
}
