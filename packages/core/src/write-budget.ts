/** Bytes that all writers of a process may hold at once while the store is slow or away. */
export class WriteBudget {
  readonly #maxBytes: number;
  #usedBytes = 0;
  #waiting = new Set<() => void>();

  /** @param maxBytes default 128 MiB */
  constructor(maxBytes = 128 * 1024 * 1024) {
    this.#maxBytes = maxBytes;
  }

  /** Whether no more may be taken for now. */
  get full(): boolean {
    return this.#usedBytes >= this.#maxBytes;
  }

  /** Counts bytes that a writer holds from now on; one that was told there is room may go beyond the bound once. */
  take(bytes: number): void {
    this.#usedBytes += bytes;
  }

  /** Counts bytes that a writer holds no longer. */
  give(bytes: number): void {
    this.#usedBytes -= bytes;
    if (this.full || this.#waiting.size === 0) return;
    const woken = this.#waiting;
    this.#waiting = new Set();
    for (const wake of woken) wake();
  }

  /** Calls back once, when there is room again; one function waits once, however often it is given. */
  onRoom(wake: () => void): void {
    this.#waiting.add(wake);
  }

  /** Takes the function back. */
  offRoom(wake: () => void): void {
    this.#waiting.delete(wake);
  }
}
