import { LogsError } from '@kubidu/core';
import type { Clock } from '@kubidu/core';

/** How long a worker that closes goes on waiting for its store, in milliseconds. */
const FAREWELL_MS = 3_000;

/** How long the end of a build waits for a store that is away. Owns timers; whoever starts it disposes of it. */
export class Patience implements Disposable {
  readonly #over = new AbortController();
  readonly #stop = new AbortController();

  /** @param ms at most @param closing from when on it is only 3 s more */
  constructor(clock: Clock, ms: number, closing: AbortSignal) {
    const end = (after: number) => {
      clock.sleep(after, this.#stop.signal).then(
        () => this.#over.abort(new LogsError('UNAVAILABLE', 'the store was away for too long')),
        () => undefined, // stopped before
      );
    };
    end(ms);
    const farewell = () => end(Math.min(ms, FAREWELL_MS));
    if (closing.aborted) farewell();
    else closing.addEventListener('abort', farewell, { once: true, signal: this.#stop.signal });
  }

  /** Aborts when it is over. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Waits for something that knows no signal. @throws UNAVAILABLE once it is over */
  async wait<T>(something: Promise<T>): Promise<T> {
    const over = new Promise<never>((_, reject) => {
      this.signal.addEventListener('abort', () => reject(this.signal.reason as Error), {
        once: true,
        signal: this.#stop.signal,
      });
    });
    return Promise.race([something, over]);
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }
}
