import type { Exit, Instance, Pod } from './pod.ts';

/** A pod as it is known now, for those who follow its containers. */
export class PodView {
  #pod: Pod;
  #deleted = false;
  #settled = false;
  readonly #exits = new Map<string, Exit>();
  readonly #waiting = new Set<() => void>();
  readonly #fetch: (signal: AbortSignal) => Promise<Pod | undefined>;

  /** @param fetch the pod as the API server has it; undefined when it has none of this UID */
  constructor(pod: Pod, fetch: (signal: AbortSignal) => Promise<Pod | undefined>) {
    this.#pod = pod;
    this.#fetch = fetch;
    this.#remember(pod);
  }

  get pod(): Pod {
    return this.#pod;
  }

  /** The pod is gone from the API server; `pod` is as it was last. */
  get deleted(): boolean {
    return this.#deleted;
  }

  /** Nothing more will be heard of it: what is not known of its containers' ends now never will be. */
  get settled(): boolean {
    return this.#settled;
  }

  /** How an instance ended; undefined while it runs, or if nobody saw its end. */
  exitOf(containerId: string): Exit | undefined {
    return this.#exits.get(containerId);
  }

  /** The instance, while its log can be had. */
  instance(containerId: string): Instance | undefined {
    for (const { instances } of this.#pod.containers)
      for (const instance of instances) if (instance.containerId === containerId) return instance;
    return undefined;
  }

  update(pod: Pod): void {
    if (this.#pod.resourceVersion === pod.resourceVersion) return;
    this.#pod = pod;
    this.#remember(pod);
    this.#wake();
  }

  /** The watch has told all. */
  markSettled(): void {
    this.#settled = true;
    this.#wake();
  }

  markDeleted(): void {
    this.#deleted = true;
    this.#wake();
  }

  /** Asks the API server itself. A fault leaves all as it was. */
  async refresh(signal: AbortSignal): Promise<void> {
    const pod = await this.#fetch(signal).catch(() => 'fault' as const);
    if (pod === 'fault') return;
    if (pod) this.update(pod);
    else this.markDeleted();
  }

  /** Resolves when something changed, at the latest after `ms`, at once when the signal aborts. */
  changed(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = ms === Infinity ? undefined : setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
      this.#waiting.add(done);
    });
  }

  #remember(pod: Pod): void {
    const held = pod.containers.flatMap(({ instances }) => instances);
    for (const { containerId, exit } of held) if (exit) this.#exits.set(containerId, exit);
    // Of a pod that restarts for ever only the latest ends are of use.
    const most = 4 * Math.max(held.length, 1);
    for (const id of this.#exits.keys()) if (this.#exits.size > most) this.#exits.delete(id);
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
