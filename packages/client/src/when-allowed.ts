import { ClientError } from './client-error.ts';
import { pause } from './pause.ts';

/** What a server that names no time is given, in milliseconds. */
const UNNAMED_MS = 1_000;

/**
 * Does `call` again for as long as the server says RATE_LIMITED, each time after the time it asks to wait and a little more
 * at random, so that those who wait do not come all at once. Throws RATE_LIMITED once that would take longer than
 * `patienceMs` in all, whatever else `call` throws, and the signal's reason when it is aborted.
 */
export async function whenAllowed<T>(
  call: () => Promise<T>,
  patienceMs: number,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let leftMs = patienceMs; ;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ClientError) || error.code !== 'RATE_LIMITED') throw error;
      const waitMs = (error.retryAfterMs ?? UNNAMED_MS) * (1 + Math.random() / 4);
      leftMs -= waitMs;
      if (leftMs < 0) throw error;
      await pause(waitMs, signal);
    }
  }
}
