const SECOND = 1_000_000_000;

/** Apart by more than this, the machine's clock was set, or the machine slept. */
const DRIFT_MS = 2;

/**
 * RFC 3339 times with nanoseconds, each later than the one before, whatever the machine's clock does: Date knows
 * milliseconds only, so its fractions come from the monotonic clock.
 */
export class NanosecondClock {
  #offsetMs = performance.timeOrigin;
  #seconds = 0;
  #nanoseconds = 0;
  /** The second as text, made once for all its lines. */
  #text = '';

  /** Takes the time anew; call it before each run of {@link next}. */
  read(): void {
    if (Math.abs(this.#offsetMs + performance.now() - Date.now()) > DRIFT_MS)
      this.#offsetMs = Date.now() - performance.now();
    const ms = this.#offsetMs + performance.now();
    const seconds = Math.floor(ms / 1_000);
    const nanoseconds = Math.floor((ms - seconds * 1_000) * 1_000_000);
    if (seconds > this.#seconds || (seconds === this.#seconds && nanoseconds > this.#nanoseconds))
      this.#set(seconds, nanoseconds);
  }

  /** A nanosecond later than the last one. */
  next(): string {
    if (this.#nanoseconds + 1 < SECOND) this.#nanoseconds++;
    else this.#set(this.#seconds + 1, 0);
    return `${this.#text}.${String(this.#nanoseconds).padStart(9, '0')}Z`;
  }

  #set(seconds: number, nanoseconds: number): void {
    if (seconds !== this.#seconds) this.#text = new Date(seconds * 1_000).toISOString().slice(0, 19);
    this.#seconds = seconds;
    this.#nanoseconds = nanoseconds;
  }
}
