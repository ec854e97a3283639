import type { Packets } from './packet.ts';

/**
 * Where a reader's packets go. Behind it is a buffer that grows without a bound when a client stops reading; so whoever
 * writes asks `slow` and then waits for `writable`.
 */
export interface Outlet {
  /** Whether the client takes less than it is sent. */
  readonly slow: boolean;
  /** Writes packets that are encoded already; does nothing once the client is gone. */
  write(packets: Packets): void;
  /** Resolves once what was written was taken, at once if it was; rejects when the signal aborts. */
  writable(signal: AbortSignal): Promise<void>;
}
