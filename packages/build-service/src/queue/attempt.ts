import { CANCELLED, systemClock } from '@kubidu/core';
import type { BuildHandler, BuildJob, BuildWorkOptions } from '@kubidu/core';

/** Pause before an abandoned job is told of again, in milliseconds. */
const AGAIN_MS = 1_000;

/** What a queue knows of a job when it gives it to a worker. */
export interface TakenJob {
  readonly job: BuildJob;
  /** How often it was taken, this time included. */
  readonly starts: number;
  /** How many workers died over it. */
  readonly deaths: number;
}

/** Does a job that was taken, or tells that it is abandoned. Rejects as the handler does. */
export async function attempt(
  { job, starts, deaths }: TakenJob,
  signal: AbortSignal,
  handler: BuildHandler,
  { retry, abandoned }: BuildWorkOptions,
): Promise<void> {
  // Whoever cancelled it is told that it is cancelled, however its worker ended.
  if (deaths <= (retry ? 1 : 0) || signal.reason === CANCELLED) return handler(job, { number: starts, signal });
  while (!signal.aborted) {
    try {
      return await abandoned(job);
    } catch {
      await systemClock.sleep(AGAIN_MS, signal).catch(() => undefined); // aborted: the loop sees it
    }
  }
}

/** Whether what the signal stopped is not over: it goes back to the queue. */
export function isGivenBack({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason !== CANCELLED;
}
