import { ClientError } from '@kubidu/client';
import type { LogsClient } from '@kubidu/client';
import type { LogEntry, Outcome, Source, StreamId } from '@kubidu/contracts';

/** How many system entries are kept, the newest. */
const MOST = 2_000;

/** What is known of a stream beside its lines. */
export interface SystemState {
  /** The system entries, ascending; the newest {@link MOST}. */
  readonly entries: readonly LogEntry[];
  /** Who writes now; undefined until the server said so. */
  readonly sources?: readonly Source[];
  readonly ended?: Outcome;
  /** Whether everything that there was has come. */
  readonly ready: boolean;
  readonly error?: ClientError;
}

/**
 * Follows what happens to a stream (containers, steps, releases) without its lines: the server picks the system entries.
 * Reads from its first listener to its last.
 */
export class SystemWatch {
  readonly #client: LogsClient;
  readonly #stream: StreamId;
  readonly #onGivenUp: () => void;
  readonly #listeners = new Set<() => void>();
  #state: SystemState = { entries: [], ready: false };
  #stop: AbortController | undefined;

  /** @param onGivenUp the connection was refused for its token, and is over */
  constructor(client: LogsClient, stream: StreamId, onGivenUp: () => void) {
    this.#client = client;
    this.#stream = stream;
    this.#onGivenUp = onGivenUp;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#stop === undefined) {
      this.#stop = new AbortController();
      this.#read(this.#stop.signal).catch(reportError);
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stop?.abort();
      this.#stop = undefined;
    };
  };

  readonly state = (): SystemState => this.#state;

  async #read(signal: AbortSignal): Promise<void> {
    const last = this.#state.entries.at(-1);
    const start = last === undefined ? { lines: MOST } : { sinceIndex: last.index };
    try {
      const subscription = this.#client.subscribe(this.#stream, { ...start, query: 'stream:system', signal });
      for await (const item of subscription) {
        if (item.type === 'entries') this.#add(item.entries);
        else if (item.type === 'sources') this.#set({ sources: item.sources });
        else if (item.type === 'connected') this.#set({ ready: true });
        else if (item.type === 'end') this.#set({ ended: { status: item.status, ...exitOf(item) } });
      }
    } catch (error) {
      if (signal.aborted || !(error instanceof ClientError)) return;
      if (error.code === 'UNAUTHENTICATED') this.#onGivenUp();
      this.#set({ error });
    }
  }

  #add(entries: readonly LogEntry[]): void {
    this.#set({ entries: [...this.#state.entries, ...entries].slice(-MOST) });
  }

  #set(change: Partial<SystemState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function exitOf({ exitCode }: Outcome): { exitCode?: number } {
  return exitCode === undefined ? {} : { exitCode };
}
