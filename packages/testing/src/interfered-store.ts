import type { StreamId, StreamInfo } from '@kubidu/contracts';
import type { Appended, AppendOptions, Head, ListRange, LogStore, Page, ReadRange, Wake } from '@kubidu/core';

/** What a test puts between a store and its user: each part is handed the real call and makes it when, how often and if it likes. */
export interface Interference {
  readonly append?: (
    call: () => Promise<Appended>,
    what: { stream: StreamId; lines: readonly string[]; options: AppendOptions },
  ) => Promise<Appended>;
  readonly read?: (call: () => Promise<Page>, what: { stream: StreamId; range: ReadRange }) => Promise<Page>;
  readonly head?: (call: () => Promise<Head>) => Promise<Head>;
  readonly trim?: (call: () => Promise<void>) => Promise<void>;
  readonly list?: (call: () => Promise<readonly StreamInfo[]>, what: ListRange) => Promise<readonly StreamInfo[]>;
  /** Before a watch is opened. */
  readonly watch?: () => Promise<void>;
  /** Each wake on its way to a watcher. */
  readonly wake?: (wake: Wake, deliver: (wake: Wake) => void) => void;
}

/** The store with interference: fails, delays, repeats and forgets as a test says. Does not own the store. */
export function interfered(store: LogStore, { append, read, head, trim, list, watch, wake }: Interference): LogStore {
  return {
    append: (stream, lines, options = {}) => {
      const call = () => store.append(stream, lines, options);
      return append ? append(call, { stream, lines, options }) : call();
    },
    read: (stream, range) => {
      const call = () => store.read(stream, range);
      return read ? read(call, { stream, range }) : call();
    },
    head: (stream) => {
      const call = () => store.head(stream);
      return head ? head(call) : call();
    },
    watch: async (stream, onWake) => {
      await watch?.();
      return store.watch(stream, (given) => (wake ? wake(given, onWake) : onWake(given)));
    },
    end: (stream, outcome) => store.end(stream, outcome),
    trim: (stream, range) => {
      const call = () => store.trim(stream, range);
      return trim ? trim(call) : call();
    },
    list: (range) => {
      const call = () => store.list(range);
      return list ? list(call, range) : call();
    },
    cursors: (stream) => store.cursors(stream),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
