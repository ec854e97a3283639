import type { DownloadOptions, HistogramOptions, LogsClient, SubscriptionItem } from '@kubidu/client';
import { LIMITS } from '@kubidu/contracts/limits';
import type { LogHistogram, LogPage, SearchLine, StreamId } from '@kubidu/contracts';

import type { LogSource, MomentRequest, PageRequest } from './log-source.ts';

/** The last moment whose year has four digits, which is all that a server reads. */
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

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

  download(options: DownloadOptions, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    return this.#client.http.download(this.#stream, options, signal);
  }

  async indexAt({ timeMs, query }: MomentRequest, signal: AbortSignal): Promise<number | undefined> {
    const since = new Date(Math.min(Math.max(timeMs, 0), LATEST_MS)).toISOString();
    let after: number | undefined = 0;
    // A page ends after so many entries that were looked at, also where none of them is of that time.
    while (after !== undefined) {
      const page: LogPage = await this.#client.http.logs(this.#stream, { after, limit: 1, since, query }, signal);
      if (page.entries[0] !== undefined) return page.entries[0].index;
      after = page.next;
    }
    return undefined;
  }

  search(query: string, before: number, signal: AbortSignal): AsyncIterable<SearchLine> {
    return this.#client.http.search(this.#stream, { query, before, limit: LIMITS.searchMatches }, signal);
  }

  histogram(options: HistogramOptions, signal: AbortSignal): Promise<LogHistogram> {
    return this.#client.http.histogram(this.#stream, options, signal);
  }
}
