/** How long to wait between attempts, in milliseconds. */
export interface Backoff {
  /** The first wait; default 100. */
  readonly minMs: number;
  /** The longest wait; default 5,000. */
  readonly maxMs: number;
}

export const BACKOFF: Backoff = { minMs: 100, maxMs: 5_000 };

/** Wait before attempt `attempt` (1, 2, …): doubles up to the longest, less up to half of it at random so that clients spread. */
export function delayBefore(attempt: number, { minMs, maxMs }: Backoff, random: () => number = Math.random): number {
  const full = Math.min(maxMs, minMs * 2 ** Math.min(attempt - 1, 30));
  return full * (1 - random() / 2);
}
