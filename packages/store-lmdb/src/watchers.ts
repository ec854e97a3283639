import type { StreamId } from '@kubidu/contracts';
import type { Wake, Watch } from '@kubidu/core';

/** Who wants to know of what is stored where; wakes go out in the order in which they were queued. */
export class Watchers {
  readonly #watchers = new Map<StreamId, Set<(wake: Wake) => void>>();
  readonly #queues = new Map<StreamId, Wake[]>();

  add(stream: StreamId, onWake: (wake: Wake) => void): Watch {
    const watchers = this.#watchers.get(stream) ?? new Set();
    this.#watchers.set(stream, watchers);
    const own = (wake: Wake) => onWake(wake);
    watchers.add(own);
    return {
      [Symbol.asyncDispose]: () => {
        watchers.delete(own);
        if (watchers.size === 0 && this.#watchers.get(stream) === watchers) this.#watchers.delete(stream);
        return Promise.resolve();
      },
    };
  }

  /** Takes a wake in; what is returned sends it, and those queued before it: what is on disk has them under it. */
  queue(stream: StreamId, wake: Wake): () => void {
    const queue = this.#queues.get(stream) ?? [];
    this.#queues.set(stream, queue);
    queue.push(wake);
    return () => {
      const at = queue.indexOf(wake);
      for (const each of queue.splice(0, at + 1)) for (const watcher of this.#watchers.get(stream) ?? []) watcher(each);
      if (queue.length === 0 && this.#queues.get(stream) === queue) this.#queues.delete(stream);
    };
  }
}
