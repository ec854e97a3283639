import type { LogPage } from '@kubidu/contracts';
import type { SubscriptionItem } from '@kubidu/client';

/** Which page: after an index or before one, with at most `limit` entries; with a query only what matches. */
export interface PageRequest {
  readonly after?: number;
  readonly before?: number;
  readonly limit: number;
  readonly query?: string | undefined;
}

/** What a search says while it walks back through the history. */
export type SearchItem =
  | { readonly type: 'match'; readonly entry: LogPage['entries'][number] }
  | { readonly type: 'progress'; readonly scannedTo: number; readonly scannedBytes: number; readonly matches: number }
  | { readonly type: 'done'; readonly reason: string };

/** Where the viewer has one stream from; the server, or a test's own. */
export interface LogSource {
  /** The stream from here on. With `sinceIndex` what is behind it, else the newest `lines` first. Ends when `signal` does. */
  subscribe(
    start: { readonly sinceIndex: number } | { readonly lines: number },
    signal: AbortSignal,
  ): AsyncIterable<SubscriptionItem>;
  /** One page, ascending, and the gaps between. @throws {ClientError} */
  page(request: PageRequest, signal: AbortSignal): Promise<LogPage>;
  /** Index of the first entry at `time` or later, undefined where there is none. @throws {ClientError} */
  indexAt(time: Date, signal: AbortSignal): Promise<number | undefined>;
  /** What matches before an index, newest first, as it is found. @throws {ClientError} */
  search(query: string, before: number, signal: AbortSignal): AsyncIterable<SearchItem>;
}
