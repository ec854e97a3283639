/** A lease that is held. */
export interface HeldLease {
  /** Greater than that of every earlier holder of the same name: the store refuses appends under an older one. */
  readonly fence: number;
  /** Aborts as soon as the lease can no longer be trusted: not renewed in time, or taken by another. */
  readonly lost: AbortSignal;
  /** Gives it up at once, so that another may take it. Idempotent; never throws. */
  release(): Promise<void>;
}

/**
 * At most one holder of a name in the whole installation, but for a paused holder that has not noticed yet: for it there
 * is the fence. A lease is renewed by its adapter until released; a holder that dies frees it within 6 s.
 */
export interface Leases extends AsyncDisposable {
  /** The lease, or undefined while another holds it. @throws {LogsError} UNAVAILABLE */
  acquire(name: string): Promise<HeldLease | undefined>;
}
