import type { HistoryPage, LogEntry, StreamId } from '@kubidu/contracts';

import { BACKOFF } from './backoff.ts';
import type { Backoff } from './backoff.ts';
import { ClientError, errorFromBody } from './client-error.ts';
import { Connection } from './connection.ts';
import { HttpApi } from './http-api.ts';
import type { PageRange } from './http-api.ts';
import { Subscription } from './subscription.ts';
import type { SubscribeOptions } from './subscription.ts';
import type { Token } from './token.ts';

export interface ConnectOptions {
  /** Where the API is, like http://127.0.0.1:3000. */
  readonly url: string;
  readonly token?: Token | undefined;
  /** Waits between two attempts; default from 0.1 to 5 s, less up to half at random. */
  readonly backoff?: Partial<Backoff> | undefined;
  /** Longest wait for the answer to what is sent, in milliseconds; default 10,000. */
  readonly ackTimeoutMs?: number | undefined;
}

/**
 * A client of one server. The connection is opened by the first subscription, serves them all, and comes back by itself
 * until `close()`.
 */
export class LogsClient implements AsyncDisposable {
  /** The same server over HTTP. */
  readonly http: HttpApi;
  readonly #connection: Connection;
  readonly #backoff: Backoff;
  readonly #subscriptions = new Map<StreamId, Subscription>();

  /** @throws ClientError INVALID_ARGUMENT where `url` is not an address */
  constructor({ url, token, backoff, ackTimeoutMs = 10_000 }: ConnectOptions) {
    this.#backoff = { ...BACKOFF, ...backoff };
    this.http = new HttpApi({ url, token });
    this.#connection = new Connection({ url, token, backoff: this.#backoff, ackTimeoutMs });
    this.#listen();
  }

  /**
   * Reads a stream from here on. The reader iterates the subscription and closes it (leaving the loop does).
   * @throws ClientError CONFLICT where this client reads that stream already: a socket has one subscription to each
   */
  subscribe(stream: StreamId, options: SubscribeOptions = {}): Subscription {
    if (this.#subscriptions.has(stream)) throw new ClientError('CONFLICT', `${stream} is subscribed already`);
    const subscription = new Subscription(stream, options, {
      connection: this.#connection,
      backoff: this.#backoff,
      onClose: () => this.#subscriptions.delete(stream),
    });
    if (options.signal?.aborted === true) return subscription;
    this.#subscriptions.set(stream, subscription);
    this.#connection.add(subscription);
    return subscription;
  }

  /**
   * One page over the open connection, ascending, for reading backwards from a subscription. `http.logs` is the same
   * without a connection.
   * @throws ClientError UNREACHABLE while the connection is away
   */
  history(stream: StreamId, page: PageRange): Promise<HistoryPage> {
    return this.#connection.request('history', { stream, ...page });
  }

  /** Ends every subscription and the connection. Nothing of this client runs afterwards. */
  async close(): Promise<void> {
    for (const subscription of [...this.#subscriptions.values()]) await subscription.close();
    await this.#connection.close();
  }

  [Symbol.asyncDispose] = (): Promise<void> => this.close();

  #listen(): void {
    const { socket } = this.#connection;
    const of = (about: { stream?: string }) => this.#subscriptions.get(about.stream as StreamId);
    socket.on('logs:history', (entries, about) => of(about)?.onHistory(entries, about));
    socket.on('logs', (entries, about) => of(about)?.onEntries(entries));
    socket.on('log', (entry: LogEntry, about) => of(about)?.onEntries([entry]));
    socket.on('logs:gap', (gap) => of(gap)?.onGap(gap));
    socket.on('logs:end', (end) => of(end)?.onEnd(end));
    socket.on('logs:sources', (about) => of(about)?.onSources(about.sources));
    socket.on('error', (body) => {
      const error = errorFromBody(body);
      if (error === undefined) return;
      if (body.stream !== undefined) of(body)?.onError(error);
      else if (error.code === 'UNAUTHENTICATED') this.#connection.reconnect(error);
    });
  }
}

/**
 * A client of the server at `url`. Opens nothing yet.
 * @throws ClientError INVALID_ARGUMENT where `url` is not an address
 */
export function connect(options: ConnectOptions): LogsClient {
  return new LogsClient(options);
}
