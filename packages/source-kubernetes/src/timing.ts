/** How long the source waits for what; tests set shorter times. All in milliseconds. */
export interface Timing {
  /** For a connection and a response's head. */
  readonly headMs: number;
  /** A log stream is opened anew after this, up to half as much again: kubelets cut at four hours. */
  readonly renewMs: number;
  /** A log stream that was silent for this long (up to half as much again) is compared with the log itself. */
  readonly probeMs: number;
  /** How long a stream may take to bring a line that such a comparison found. */
  readonly graceMs: number;
  /** Longest wait between tries. */
  readonly retryMs: number;
  /** A kubelet's status of a container may reach the API server this much later than its log. */
  readonly statusLagMs: number;
  /** After the API server was away a kubelet reports its containers' status this much later: it tries every ten seconds. */
  readonly catchUpMs: number;
  /**
   * How long a kubelet may say that there is no log until that is believed: it says so too while the container runtime
   * is away, and then has it again.
   */
  readonly refusedMs: number;
  /** How long an open stream may take to end after its container or pod has. */
  readonly drainMs: number;
  /** How long a container's next instance waits for the one before it to be read to its end. */
  readonly handoverMs: number;
  /** The API server ends a watch after this, and it is taken up again; one that is silent for longer is dead. */
  readonly watchMs: number;
  /** What is watched is compared with a list this often. */
  readonly reconcileMs: number;
}

export const defaultTiming: Timing = {
  headMs: 10_000,
  renewMs: 30 * 60_000,
  probeMs: 15_000,
  graceMs: 1_000,
  retryMs: 1_500,
  statusLagMs: 1_500,
  catchUpMs: 12_000,
  refusedMs: 60_000,
  drainMs: 10_000,
  handoverMs: 5_000,
  watchMs: 50_000,
  reconcileMs: 60_000,
};

/** A wait between tries: doubles from 50 ms to `mostMs`, less up to a half by chance so that not all come at once. */
export function retryDelay(tries: number, mostMs: number): number {
  return Math.min(50 * 2 ** Math.min(tries, 10), mostMs) * (1 - Math.random() / 2);
}

/** Up to half as much again, by chance. */
export const withJitter = (ms: number): number => ms * (1 + Math.random() / 2);
