import type { LogHistogram, LogPage, SearchLine } from '@kubidu/contracts';
import type { DownloadOptions, HistogramOptions, SubscriptionItem } from '@kubidu/client';

/** Which page: after an index or before one, with at most `limit` entries; with a query only what matches. */
export interface PageRequest {
  readonly after?: number;
  readonly before?: number;
  readonly limit: number;
  readonly query?: string | undefined;
}

/** Which moment of a stream, in milliseconds since 1970; with a query only what matches counts. */
export interface MomentRequest {
  readonly timeMs: number;
  readonly query?: string | undefined;
}

/** Where the viewer has one stream from; the server, or a test's own. */
export interface LogSource {
  /** The stream from here on. With `sinceIndex` what is behind it, else the newest `lines` first. Ends when `signal` does. */
  subscribe(
    start: { readonly sinceIndex: number } | { readonly lines: number },
    signal: AbortSignal,
  ): AsyncIterable<SubscriptionItem>;
  /** One page, ascending, and the gaps between. @throws {ClientError} */
  page(request: PageRequest, signal: AbortSignal): Promise<LogPage>;
  /** Everything up to the last line now, as a file. @throws {ClientError}, and so does what is read of it when it breaks off */
  download(options: DownloadOptions, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  /** Index of the first entry at a time or later, with a query of those that match; undefined where there is none. @throws {ClientError} */
  indexAt(request: MomentRequest, signal: AbortSignal): Promise<number | undefined>;
  /** What matches before an index, newest first, as it is found. @throws {ClientError} */
  search(query: string, before: number, signal: AbortSignal): AsyncIterable<SearchLine>;
  /** How many lines of which level were written when, as far as it is counted at once. @throws {ClientError} */
  histogram(options: HistogramOptions, signal: AbortSignal): Promise<LogHistogram>;
}
