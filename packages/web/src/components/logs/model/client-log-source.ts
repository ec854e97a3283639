import type { DownloadOptions, LogsClient, SubscriptionItem } from '@kubidu/client';
import { LIMITS } from '@kubidu/contracts/limits';
import type { LogPage, SearchLine, StreamId } from '@kubidu/contracts';

import type { LogSource, PageRequest } from './log-source.ts';

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

  async indexAt(time: Date, signal: AbortSignal): Promise<number | undefined> {
    const since = { after: 0, limit: 1, since: time.toISOString() };
    const { entries } = await this.#client.http.logs(this.#stream, since, signal);
    return entries[0]?.index;
  }

  search(query: string, before: number, signal: AbortSignal): AsyncIterable<SearchLine> {
    return this.#client.http.search(this.#stream, { query, before, limit: LIMITS.searchMatches }, signal);
  }
}
