/** Bytes that all writers of a process may hold at once while the store is slow or away. */
export class WriteBudget {
  readonly #maxBytes: number;
  #usedBytes = 0;
  #waiting: (() => void)[] = [];

  /** @param maxBytes default 128 MiB */
  constructor(maxBytes = 128 * 1024 * 1024) {
    this.#maxBytes = maxBytes;
  }

  get full(): boolean {
    return this.#usedBytes >= this.#maxBytes;
  }

  take(bytes: number): void {
    this.#usedBytes += bytes;
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes;
    if (this.full || this.#waiting.length === 0) return;
    const woken = this.#waiting;
    this.#waiting = [];
    for (const wake of woken) wake();
  }

  /** Calls back once there is room again. */
  onRoom(wake: () => void): void {
    this.#waiting.push(wake);
  }
}
