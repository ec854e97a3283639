/** Aborts its signal when nothing has moved for a while. The owner calls `close()`. */
export class StallWatch {
  readonly #stop = new AbortController();
  readonly #mostMs: number;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param mostMs milliseconds without a move */
  constructor(mostMs: number) {
    this.#mostMs = mostMs;
    this.moved();
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Something moved; of no consequence once closed. */
  moved(): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#stop.abort(), this.#mostMs);
  }

  /** Nothing is expected to move until the next `moved`. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}
