import type { Clock } from '@kubidu/core';

/** The time a build may take. Owns a timer; whoever starts it disposes of it. */
export class BuildDeadline implements Disposable {
  readonly #passed = new AbortController();
  readonly #stop = new AbortController();
  readonly #ms: number;

  constructor(clock: Clock, ms: number) {
    this.#ms = ms;
    clock.sleep(ms, this.#stop.signal).then(
      () => this.#passed.abort(),
      () => undefined, // stopped before
    );
  }

  /** Aborts when it has passed. */
  get passed(): AbortSignal {
    return this.#passed.signal;
  }

  /** Says that it has passed, in words. */
  get words(): string {
    return `the build took longer than ${durationOf(this.#ms)} and was stopped`;
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }
}

function durationOf(ms: number): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1_000} s`;
}
