import type {
  CreateDeployment,
  Deployment,
  DeploymentPage,
  IngestEntry,
  Ingested,
  LogHistogram,
  LogPage,
  Me,
  Outcome,
  SearchLine,
  Service,
  ServiceList,
  StreamId,
  StreamInfo,
  StreamKind,
  StreamPage,
  Uploaded,
} from '@kubidu/contracts';

import { answer, unreachable } from './answer.ts';
import { ClientError, errorFromBody } from './client-error.ts';
import { eventStream } from './event-stream.ts';
import type { EventStreamItem, EventStreamOptions } from './event-stream.ts';
import { jsonLines } from './json-lines.ts';
import { observed } from './observed-bytes.ts';
import { pacedBytes } from './paced-bytes.ts';
import { serverAddress } from './server-address.ts';
import { StallWatch } from './stall-watch.ts';
import { currentToken } from './token.ts';
import type { Token } from './token.ts';
import { whenAllowed } from './when-allowed.ts';

export interface HttpOptions {
  /** Where the API is, like http://127.0.0.1:3000. */
  readonly url: string;
  readonly token?: Token | undefined;
  /** Longest wait for one answer, in milliseconds; default 30,000. */
  readonly timeoutMs?: number | undefined;
  /** Longest that one call waits in all because the server says RATE_LIMITED, in milliseconds; default 60,000. 0: not at all. */
  readonly patienceMs?: number | undefined;
}

/** Which page of a stream: after an index, or the newest before one; exactly one of the two. */
export type PageRange = ({ readonly after: number } | { readonly before: number }) & {
  /** 1 to 10,000; default 1,000. */
  readonly limit?: number;
};

/** A page over HTTP may be asked a query, and for a time. */
export type PageOptions = PageRange & {
  /** Only what was written then or later: RFC 3339, or how long ago, like `10m`. A page may hold fewer, as with `query`. */
  readonly since?: string | undefined;
  /** Only what was written before: RFC 3339, or how long ago. */
  readonly until?: string | undefined;
  /**
   * Only what matches, in the query language. A page may then hold fewer than `limit`, even none: it is over when `next`
   * (or `previous`) is absent.
   */
  readonly query?: string | undefined;
};

/** What to search for: something of `query`, `since` and `until`. */
export interface SearchOptions {
  /** In the query language. */
  readonly query?: string | undefined;
  /** Only what was written then or later: RFC 3339, or how long ago, like `10m`. */
  readonly since?: string | undefined;
  /** Only what was written before: RFC 3339, or how long ago. */
  readonly until?: string | undefined;
  /** Looks at entries whose index is less; default from the end. */
  readonly before?: number | undefined;
  /** 1 to 10,000 matches; default 1,000. */
  readonly limit?: number | undefined;
}

/** What to count of a stream, and how finely. */
export interface HistogramOptions {
  /** 1 to 1,000; default 120. There may be fewer: a bucket is a second long, or twice that, or twice that, and so on. */
  readonly buckets?: number | undefined;
  /** Only what was written then or later: RFC 3339, or how long ago, like `10m`. */
  readonly since?: string | undefined;
  /** Only what was written before: RFC 3339, or how long ago. */
  readonly until?: string | undefined;
  /** Counts entries whose index is less; default all. */
  readonly before?: number | undefined;
}

/** What of a stream goes into a file, and how. */
export interface DownloadOptions {
  /** `log`: lines of text, the default. `ndjson`: a LogEntry a line, and `{ type: "gap", from, to, reason }`. */
  readonly format?: 'log' | 'ndjson' | undefined;
  /** In the query language. */
  readonly query?: string | undefined;
  /** Only what was written then or later: RFC 3339, or how long ago, like `10m`. */
  readonly since?: string | undefined;
  /** Only what was written before: RFC 3339, or how long ago. */
  readonly until?: string | undefined;
}

/** Which streams to list. */
export interface ListOptions {
  readonly kind?: StreamKind;
  readonly prefix?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** Which deployments to list. */
export interface DeploymentsOptions {
  readonly serviceId?: string;
  /** 1 to 1,000; default 50. */
  readonly limit?: number;
  readonly cursor?: string;
}

/** What an archive is for. */
export interface UploadOptions {
  /** The service that is to be built. */
  readonly serviceId?: string | undefined;
  /** Whose it is, for a token of several tenants. */
  readonly tenant?: string | undefined;
}

/**
 * The API over HTTP. Keeps nothing open between calls. Every call throws ClientError, or the signal's reason when
 * `signal` is aborted. A server that says RATE_LIMITED has done nothing: the call waits as long as it asks, and comes again.
 */
export class HttpApi {
  /** The server's address without a slash at the end. */
  readonly url: string;
  readonly #token: Token | undefined;
  readonly #timeoutMs: number;
  readonly #patienceMs: number;

  constructor({ url, token, timeoutMs = 30_000, patienceMs = 60_000 }: HttpOptions) {
    this.url = serverAddress(url).base;
    this.#token = token;
    this.#timeoutMs = timeoutMs;
    this.#patienceMs = patienceMs;
  }

  /** Who the token says one is. */
  me(signal?: AbortSignal): Promise<Me> {
    return this.#get('/api/me', {}, signal);
  }

  /** The services one may see, with the containers that run now. */
  async services(signal?: AbortSignal): Promise<Service[]> {
    const { services } = await this.#get<ServiceList>('/api/services', {}, signal);
    return services;
  }

  /** One service; NOT_FOUND where there is none or one may not see it. */
  service(serviceId: string, signal?: AbortSignal): Promise<Service> {
    return this.#get(`/api/services/${encodeURIComponent(serviceId)}`, {}, signal);
  }

  /** One page of the streams one may read; `next` is the next page's cursor. */
  streams(options: ListOptions = {}, signal?: AbortSignal): Promise<StreamPage> {
    return this.#get('/api/streams', { ...options }, signal);
  }

  /** One stream; NOT_FOUND where nothing was ever stored or one may not see it. */
  stream(stream: StreamId, signal?: AbortSignal): Promise<StreamInfo> {
    return this.#get(streamPath(stream), {}, signal);
  }

  /** One page of a stream, ascending, with what lies between its entries and can't be had. A query that does not parse is INVALID_ARGUMENT. */
  logs(stream: StreamId, page: PageOptions, signal?: AbortSignal): Promise<LogPage> {
    return this.#get(`${streamPath(stream)}/logs`, { ...page }, signal);
  }

  /**
   * Looks backwards through a stream: matches, newest first, and how far it is, as it goes; the last line is `done`. Leave
   * the iteration to stop the search. Where it could not go on, or its answer was cut off, throws once what was found came.
   */
  async *search(stream: StreamId, options: SearchOptions, signal?: AbortSignal): AsyncGenerator<SearchLine, void> {
    signal?.throwIfAborted();
    const stalled = new StallWatch(this.#timeoutMs);
    const until = signal === undefined ? stalled.signal : AbortSignal.any([signal, stalled.signal]);
    try {
      const path = withQuery(`${streamPath(stream)}/logs/search`, { ...options });
      const response = await this.#request('GET', path, { headers: { accept: 'application/x-ndjson' } }, until);
      if (!response.ok || !response.body) return void (await answer(response));
      for await (const line of jsonLines<SearchLine>(response.body, () => stalled.moved())) {
        if (line.type === 'done' && line.error) throw errorFromBody(line.error) ?? new Error(line.error.message);
        yield line;
        stalled.moved();
        if (line.type === 'done') return;
      }
      throw new ClientError('UNREACHABLE', 'the answer was cut off');
    } catch (cause) {
      signal?.throwIfAborted();
      throw unreachable(cause, until);
    } finally {
      stalled.close();
    }
  }

  /**
   * How many lines of which level were written when, of the whole stream or of a time. Where it was too much to count at
   * once, `complete` is false, and one `before` its `scannedTo` goes on.
   */
  histogram(stream: StreamId, options: HistogramOptions = {}, signal?: AbortSignal): Promise<LogHistogram> {
    return this.#get(`${streamPath(stream)}/logs/histogram`, { ...options }, signal);
  }

  /**
   * The stream as it goes on, over Server-Sent Events: in order, each entry once, through every outage, until it ends. An
   * outage is an item `reconnecting`, after which it goes on where it stopped; a server that says nothing for the time-out
   * (by itself it does every 15 seconds) is one too. Leave the iteration to stop. Throws what the server refuses for good:
   * NOT_FOUND, INVALID_ARGUMENT for `query`, UNAUTHENTICATED unless `token` is a function that has a new one.
   */
  eventStream(
    stream: StreamId,
    options: EventStreamOptions = {},
    signal?: AbortSignal,
  ): AsyncGenerator<EventStreamItem, void> {
    const path = withQuery(`${streamPath(stream)}/logs/stream`, { ...options });
    const open = (lastEventId: string | undefined, until: AbortSignal): Promise<Response> => {
      const place = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
      return this.#request('GET', path, { headers: { accept: 'text/event-stream', ...place } }, until);
    };
    return eventStream(open, { timeoutMs: this.#timeoutMs, signal });
  }

  /**
   * The stream as a file, up to its head as it is now. Resolves once bytes come; what fails then fails their reading,
   * UNREACHABLE where they were cut off. Cancel what is returned, or abort the signal, to stop. One may read it slowly.
   */
  async download(
    stream: StreamId,
    options: DownloadOptions = {},
    signal?: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>> {
    signal?.throwIfAborted();
    const stalled = new StallWatch(this.#timeoutMs);
    const until = signal === undefined ? stalled.signal : AbortSignal.any([signal, stalled.signal]);
    const failure = (cause: unknown): unknown => (signal?.aborted ? signal.reason : unreachable(cause, until));
    try {
      const path = withQuery(`${streamPath(stream)}/logs/download`, { ...options });
      const response = await this.#request('GET', path, { headers: { accept: '*/*' } }, until);
      if (response.ok && response.body) return pacedBytes(response.body, stalled, failure);
      return await answer(response);
    } catch (cause) {
      stalled.close();
      throw failure(cause);
    }
  }

  /** Stores entries; sending the same ids again is harmless. At most 1,000 entries or 1 MiB. */
  ingest(stream: StreamId, entries: readonly IngestEntry[], signal?: AbortSignal): Promise<Ingested> {
    return this.#send('POST', `${streamPath(stream)}/entries`, { entries }, signal);
  }

  /** Ends a stream; nothing can be stored in it afterwards. */
  async end(stream: StreamId, outcome: Outcome, signal?: AbortSignal): Promise<void> {
    await this.#send('POST', `${streamPath(stream)}/end`, outcome, signal);
  }

  /** Queues a build; its log is the stream `build:<deploymentId>`. */
  deploy(request: CreateDeployment, signal?: AbortSignal): Promise<Deployment> {
    return this.#send('POST', '/api/deployments', request, signal);
  }

  /** One deployment; NOT_FOUND where there is none or one may not see it. */
  deployment(deploymentId: string, signal?: AbortSignal): Promise<Deployment> {
    return this.#get(deploymentPath(deploymentId), {}, signal);
  }

  /** One page of the deployments one may see, newest first; `next` is the next page's cursor. */
  deployments(options: DeploymentsOptions = {}, signal?: AbortSignal): Promise<DeploymentPage> {
    return this.#get('/api/deployments', { ...options }, signal);
  }

  /** Asks for a build to be stopped; its stream ends soon after. CONFLICT where it has ended. */
  cancel(deploymentId: string, signal?: AbortSignal): Promise<Deployment> {
    return this.#send('DELETE', deploymentPath(deploymentId), undefined, signal);
  }

  /**
   * Sends a tar archive, gzipped, for a build to come (`source: { upload }`), as it is read. It may take as long as it
   * takes, as long as it goes on; UNREACHABLE once nothing is taken, or answered at its end, for the time-out. Throws what
   * reading `archive` throws.
   */
  async upload(archive: ReadableStream<Uint8Array>, of: UploadOptions = {}, signal?: AbortSignal): Promise<Uploaded> {
    const stalled = new StallWatch(this.#timeoutMs);
    const failed: { reason?: unknown } = {};
    const body = observed(
      archive,
      () => stalled.moved(),
      (reason) => (failed.reason = reason),
    );
    const until = signal === undefined ? stalled.signal : AbortSignal.any([signal, stalled.signal]);
    try {
      const init = { body, duplex: 'half' as const, headers: { 'content-type': 'application/gzip' } };
      return await this.#fetch('POST', withQuery('/api/deployments/uploads', { ...of }), init, until);
    } catch (error) {
      signal?.throwIfAborted();
      throw failed.reason ?? error;
    } finally {
      stalled.close();
    }
  }

  #get<T>(path: string, query: Query, signal?: AbortSignal): Promise<T> {
    return this.#send('GET', withQuery(path, query), undefined, signal);
  }

  #send<T>(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<T> {
    return whenAllowed(() => this.#sendOnce<T>(method, path, body, signal), this.#patienceMs, signal);
  }

  async #sendOnce<T>(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const deadline = AbortSignal.timeout(this.#timeoutMs);
    const json = { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const until = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    try {
      return await this.#fetch(method, path, body === undefined ? { headers: {} } : json, until);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  }

  async #fetch<T>(method: string, path: string, init: Sent, until: AbortSignal): Promise<T> {
    const response = await this.#request(method, path, init, until);
    try {
      return await answer<T>(response);
    } catch (cause) {
      throw unreachable(cause, until);
    }
  }

  async #request(method: string, path: string, init: Sent, until: AbortSignal): Promise<Response> {
    const token = await currentToken(this.#token);
    try {
      return await fetch(this.url + path, {
        ...init,
        method,
        headers: {
          accept: 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...init.headers,
        },
        redirect: 'error', // a redirect would carry the token to whoever it names
        signal: until,
      });
    } catch (cause) {
      throw unreachable(cause, until);
    }
  }
}

type Query = Readonly<Record<string, string | number | undefined>>;

/** What goes into a request besides what all have. */
type Sent = Omit<RequestInit, 'headers'> & { readonly headers: Readonly<Record<string, string>> };

function withQuery(path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  const tail = parameters.toString();
  return tail === '' ? path : `${path}?${tail}`;
}

function deploymentPath(deploymentId: string): string {
  return `/api/deployments/${encodeURIComponent(deploymentId)}`;
}

function streamPath(stream: StreamId): string {
  return `/api/streams/${encodeURIComponent(stream)}`;
}
