/** How long to wait for something, and how often to look. */
export interface EventuallyOptions {
  /** Default 10,000. */
  readonly timeoutMs?: number;
  /** Pause between two looks; default 20. */
  readonly everyMs?: number;
}

/**
 * Looks until `probe` neither throws nor returns false, and resolves with what it returned. After the time-out it
 * rejects with what the probe threw last.
 */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  { timeoutMs = 10_000, everyMs = 20 }: EventuallyOptions = {},
): Promise<Exclude<T, false>> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    try {
      const found = await probe();
      if (found !== false) return found as Exclude<T, false>;
      if (Date.now() >= until) throw new Error(`still false after ${timeoutMs} ms`);
    } catch (error) {
      if (Date.now() >= until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
