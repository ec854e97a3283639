import type { StreamId } from '@kubidu/contracts';
import { hasCode, LogsError } from '@kubidu/core';
import type { Clock, HeldLease, Leases, LogStore } from '@kubidu/core';

/** How long another may hold the lease, once ours is lost, until the build is theirs, in milliseconds: longer than a dead holder's. */
const TAKEN_MS = 10_000;
const RETRY_MS = 250;

/**
 * The right to write the stream of a build. It survives a store that is away for long: the lease is lost then, and taken
 * again once the store is back, unless another was faster. Whoever acquires it disposes of it.
 */
export class BuildLease implements AsyncDisposable {
  readonly #leases: Leases;
  readonly #stream: StreamId;
  readonly #clock: Clock;
  readonly #taken = new AbortController();
  readonly #closed = new AbortController();
  readonly #keeping: Promise<void>;
  #held: HeldLease;

  private constructor(leases: Leases, stream: StreamId, clock: Clock, held: HeldLease) {
    this.#leases = leases;
    this.#stream = stream;
    this.#clock = clock;
    this.#held = held;
    this.#keeping = this.#keep();
  }

  /** Waits for whoever holds it, and for a store that is away. @throws the signal's reason */
  static async acquire(leases: Leases, stream: StreamId, clock: Clock, signal: AbortSignal): Promise<BuildLease> {
    for (;;) {
      signal.throwIfAborted();
      const held = await tryToAcquire(leases, stream);
      if (typeof held === 'object') return new BuildLease(leases, stream, clock, held);
      await clock.sleep(RETRY_MS, signal);
    }
  }

  /** Aborts once another has it. */
  get taken(): AbortSignal {
    return this.#taken.signal;
  }

  /**
   * The store as the holder writes to it: under the newest fence. While the lease is lost and not had again, and for what
   * was under way when it was, it is UNAVAILABLE: then make the same append again.
   */
  guard(store: Pick<LogStore, 'append'>): Pick<LogStore, 'append'> {
    return {
      append: async (stream, lines, options) => {
        const held = this.#held;
        if (held.lost.aborted) throw new LogsError('UNAVAILABLE', `the lease of ${stream} is being taken again`);
        try {
          return await store.append(stream, lines, { ...options, fence: held.fence });
        } catch (error) {
          const isOld = held !== this.#held || held.lost.aborted;
          if (!isOld || !hasCode(error, 'CONFLICT')) throw error;
          throw new LogsError('UNAVAILABLE', `the lease of ${stream} was lost`, { cause: error });
        }
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#keeping;
    await this.#held.release();
  }

  /** Never rejects. */
  async #keep(): Promise<void> {
    while (!this.#closed.signal.aborted && !this.#taken.signal.aborted) {
      await aborted(AbortSignal.any([this.#held.lost, this.#closed.signal]));
      if (!this.#closed.signal.aborted) await this.#takeAgain();
    }
  }

  async #takeAgain(): Promise<void> {
    let since: number | undefined;
    while (!this.#closed.signal.aborted) {
      const held = await tryToAcquire(this.#leases, this.#stream);
      if (typeof held === 'object') {
        this.#held = held;
        return;
      }
      since = held === 'away' ? undefined : (since ?? this.#clock.now());
      if (since !== undefined && this.#clock.now() - since >= TAKEN_MS) {
        this.#taken.abort(new LogsError('CONFLICT', `another worker writes ${this.#stream}`));
        return;
      }
      await this.#clock.sleep(RETRY_MS, this.#closed.signal).catch(() => undefined); // closed: the loop sees it
    }
  }
}

async function tryToAcquire(leases: Leases, stream: StreamId): Promise<HeldLease | 'held' | 'away'> {
  try {
    return (await leases.acquire(stream)) ?? 'held';
  } catch (error) {
    if (hasCode(error, 'UNAVAILABLE')) return 'away';
    throw error;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
