import type { LogModel, LogSnapshot } from './log-model.ts';

/** How often it tells, in milliseconds: no eye reads a counter faster. */
const CALM_MS = 200;

/**
 * A model's snapshots, a few a second: the first after a rest at once, of those that follow quickly the last. Who types a
 * query waits for none: the first that knows of it is told at once.
 */
export class CalmStore {
  readonly #model: LogModel;
  #snapshot: LogSnapshot;
  #told = -Infinity;

  constructor(model: LogModel) {
    this.#model = model;
    this.#snapshot = model.getSnapshot();
  }

  readonly getSnapshot = (): LogSnapshot => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = () => {
      clearTimeout(timer);
      timer = undefined;
      this.#told = performance.now();
      this.#snapshot = this.#model.getSnapshot();
      listener();
    };
    // What changed since it was drawn first; React looks again after this.
    this.#snapshot = this.#model.getSnapshot();
    const leave = this.#model.subscribe(() => {
      if (isAnswer(this.#model.getSnapshot(), this.#snapshot)) return tell();
      if (timer !== undefined) return;
      const wait = this.#told + CALM_MS - performance.now();
      if (wait <= 0) tell();
      else timer = setTimeout(tell, wait);
    });
    return () => {
      leave();
      clearTimeout(timer);
    };
  };
}

/** Whether a snapshot is of another query than one before it. */
function isAnswer({ search, queryError }: LogSnapshot, before: LogSnapshot): boolean {
  return search?.query !== before.search?.query || queryError !== before.queryError;
}
