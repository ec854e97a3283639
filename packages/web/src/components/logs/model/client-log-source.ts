import type { LogsClient, SubscriptionItem } from '@kubidu/client';
import type { LogPage, StreamId } from '@kubidu/contracts';

import type { LogSource, PageRequest, SearchItem } from './log-source.ts';

/** Matches of one step of a search. */
const STEP = 500;

/** One stream of a server, by its SDK. The client is its owner's. */
export class ClientLogSource implements LogSource {
  readonly #client: LogsClient;
  readonly #stream: StreamId;

  constructor(client: LogsClient, stream: StreamId) {
    this.#client = client;
    this.#stream = stream;
  }

  subscribe(
    start: { readonly sinceIndex: number } | { readonly lines: number },
    signal: AbortSignal,
  ): AsyncIterable<SubscriptionItem> {
    return this.#client.subscribe(this.#stream, { ...start, batch: true, signal });
  }

  page({ after, before, limit, query }: PageRequest, signal: AbortSignal): Promise<LogPage> {
    const range = before === undefined ? { after: after ?? 0 } : { before };
    return this.#client.http.logs(this.#stream, { ...range, limit, query }, signal);
  }

  /** Halves the indexes until the time is met: a stream is nearly ordered by time, and its index is exact. */
  async indexAt(time: Date, signal: AbortSignal): Promise<number | undefined> {
    const { firstIndex, lastIndex } = await this.#client.http.logs(this.#stream, { after: 0, limit: 1 }, signal);
    let low = firstIndex;
    let high = lastIndex + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const { entries } = await this.#client.http.logs(this.#stream, { after: middle - 1, limit: 1 }, signal);
      const [entry] = entries;
      if (entry !== undefined && Date.parse(entry.timestamp) < time.getTime()) low = Math.max(middle, entry.index) + 1;
      else high = middle;
    }
    return low > lastIndex ? undefined : low;
  }

  async *search(query: string, before: number, signal: AbortSignal): AsyncGenerator<SearchItem> {
    let matches = 0;
    let from: number | undefined = before;
    while (from !== undefined && from > 1) {
      const page: LogPage = await this.page({ before: from, limit: STEP, query }, signal);
      for (const entry of page.entries.reverse()) yield { type: 'match', entry };
      matches += page.entries.length;
      from = page.previous;
      yield { type: 'progress', scannedTo: from ?? 1, scannedBytes: 0, matches };
    }
    yield { type: 'done', reason: 'complete' };
  }
}
