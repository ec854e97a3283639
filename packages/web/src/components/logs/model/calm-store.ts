import type { LogModel, LogSnapshot } from './log-model.ts';

/** How often it tells, in milliseconds: no eye reads a counter faster. */
const CALM_MS = 200;

/** A model's snapshots, a few a second: the first after a rest at once, of those that follow quickly the last. */
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
      timer = undefined;
      this.#told = performance.now();
      this.#snapshot = this.#model.getSnapshot();
      listener();
    };
    const leave = this.#model.subscribe(() => {
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
