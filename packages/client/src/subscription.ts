import type { LogEntry, Outcome, Source, StreamId } from '@kubidu/contracts';

import { delayBefore } from './backoff.ts';
import type { Backoff } from './backoff.ts';
import { ClientError } from './client-error.ts';
import type { Connection, ConnectionListener } from './connection.ts';
import { Inbox } from './inbox.ts';
import { Position } from './position.ts';
import type { SubscriptionItem } from './subscription-item.ts';

export interface SubscribeOptions {
  /** Give what is after this index. Wins over `lines`. */
  readonly sinceIndex?: number | undefined;
  /** How many of the newest to start with: 0 to 10,000; default 100. */
  readonly lines?: number | undefined;
  /** Give only what matches, in the query language; `lines` then counts what matches. Refused: INVALID_ARGUMENT, with `column`. */
  readonly query?: string | undefined;
  /** Take several entries at once; default true. */
  readonly batch?: boolean | undefined;
  /** Most entries that wait for the reader; default 20,000. Beyond that the subscription rests and goes on later. */
  readonly maxEntries?: number | undefined;
  /** Most bytes that wait for the reader, estimated; default 32 MiB. */
  readonly maxBytes?: number | undefined;
  /** Ends the subscription, and the iteration without an error. */
  readonly signal?: AbortSignal | undefined;
}

/** What a subscription met so far. */
export interface SubscriptionCounts {
  /** Entries the server sent although they had come before; dropped. */
  readonly repeats: number;
  /** Times the server skipped indexes without a word; they were asked for again. */
  readonly holes: number;
  /** Times the reader lagged so far that the subscription rested. */
  readonly rests: number;
}

type Phase = 'away' | 'asking' | 'live' | 'resting' | 'over';

/**
 * One stream, read once, by one reader: iterate it. Indexes are checked here and not trusted: repeats are dropped, what was
 * skipped is fetched again, and every outage is followed by what was missed meanwhile. With a query, what is skipped does not
 * match, and only order and repeats can be checked. The iteration ends after `end`, and when the subscription is closed; it throws ClientError when the server refuses for good.
 */
export class Subscription implements AsyncIterable<SubscriptionItem>, AsyncDisposable, ConnectionListener {
  readonly stream: StreamId;
  readonly #connection: Connection;
  readonly #options: SubscribeOptions;
  readonly #backoff: Backoff;
  readonly #onClose: () => void;
  readonly #inbox: Inbox;
  readonly #position: Position;
  #phase: Phase = 'away';
  #taken = false;
  #resumed = false;
  #request = 0;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #rests = 0;

  /** Use LogsClient.subscribe. */
  constructor(
    stream: StreamId,
    options: SubscribeOptions,
    { connection, backoff, onClose }: { connection: Connection; backoff: Backoff; onClose: () => void },
  ) {
    this.stream = stream;
    this.#options = options;
    this.#connection = connection;
    this.#backoff = backoff;
    this.#onClose = onClose;
    const { sinceIndex, query = '', maxEntries = 20_000, maxBytes = 32 * 1024 * 1024 } = options;
    this.#position = new Position(sinceIndex, query.trim() !== '');
    this.#inbox = new Inbox({ maxEntries, maxBytes });
    if (options.signal?.aborted === true) this.#finish();
    else options.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get counts(): SubscriptionCounts {
    return { repeats: this.#position.repeats, holes: this.#position.holes, rests: this.#rests };
  }

  /** Ends the subscription and the iteration. What waits is dropped. */
  async close(): Promise<void> {
    if (this.#phase === 'over') return;
    this.#connection.tell('unsubscribe', { stream: this.stream });
    this.#inbox.clear();
    this.#finish();
  }

  [Symbol.asyncDispose] = (): Promise<void> => this.close();

  async *[Symbol.asyncIterator](): AsyncGenerator<SubscriptionItem, void, undefined> {
    if (this.#taken) throw new ClientError('CONFLICT', 'a subscription has one reader');
    this.#taken = true;
    try {
      for (let item = await this.#inbox.shift(); item !== undefined; item = await this.#inbox.shift()) {
        this.#goOn();
        yield item;
      }
    } finally {
      await this.close();
    }
  }

  // What the connection says.

  onConnected(): void {
    if (this.#phase === 'away') this.#ask();
  }

  onReconnecting(attempt: number, error: ClientError): void {
    if (this.#phase === 'over') return;
    clearTimeout(this.#timer);
    this.#request++;
    if (this.#phase !== 'resting') this.#phase = 'away';
    this.#push({ type: 'reconnecting', attempt, error });
  }

  onFailed(error: ClientError): void {
    this.#fail(error);
  }

  // What the server says of this stream. Nothing of it counts while the subscription rests.

  onHistory(entries: LogEntry[], about: { firstIndex: number; lastIndex: number }): void {
    if (!this.#listening) return;
    this.#position.history(entries, about.lastIndex, this.#options.lines === 0);
    this.onEntries(entries);
  }

  onEntries(entries: LogEntry[]): void {
    if (!this.#listening || entries.length === 0) return;
    const { fresh, rest } = this.#position.take(entries);
    if (fresh.length > 0) this.#push({ type: 'entries', entries: fresh });
    const next = rest[0];
    if (next !== undefined && this.#mayPass(next.index)) this.onEntries(rest);
  }

  onGap({ from, to, reason }: { from: number; to: number; reason: 'expired' | 'trimmed' }): void {
    if (!this.#listening || this.#position.isBeyond(to)) return;
    if (this.#position.skipsTo(from) && !this.#mayPass(from)) return;
    this.#push({ type: 'gap', from: this.#position.pass(from, to), to, reason });
  }

  onEnd({ lastIndex, status, exitCode }: Outcome & { lastIndex: number }): void {
    if (!this.#listening) return;
    if (this.#position.skipsTo(lastIndex + 1) && !this.#mayPass(lastIndex + 1)) return;
    this.#push({ type: 'end', lastIndex, status, ...(exitCode === undefined ? {} : { exitCode }) });
    this.#finish();
  }

  onSources(sources: Source[]): void {
    if (this.#phase !== 'over') this.#push({ type: 'sources', sources });
  }

  /** An error the server sent of its own accord: it no longer serves this subscription. */
  onError(error: ClientError): void {
    if (this.#phase !== 'over') this.#onRefused(error);
  }

  get #listening(): boolean {
    return this.#phase === 'asking' || this.#phase === 'live';
  }

  #ask(): void {
    clearTimeout(this.#timer);
    this.#phase = 'asking';
    this.#position.awaitHistory();
    const request = ++this.#request;
    const { lines, batch = true, query } = this.#options;
    const asked = this.#position.after;
    const start = asked !== undefined ? { sinceIndex: asked } : lines !== undefined ? { lines } : {};
    this.#connection
      .request('subscribe', { stream: this.stream, batch, ...start, ...(query !== undefined && { query }) })
      .then(
        (answer) => {
          if (request !== this.#request || this.#phase === 'over') return;
          this.#phase = 'live';
          this.#failures = 0;
          const { firstIndex, lastIndex } = answer;
          if (asked !== undefined && lastIndex < asked) this.#push({ type: 'behind', lastIndex, readThrough: asked });
          this.#push({ type: 'connected', firstIndex, lastIndex, resumed: this.#resumed });
          this.#resumed = true;
        },
        (error: unknown) => {
          if (request === this.#request && this.#phase !== 'over') this.#onRefused(error as ClientError);
        },
      );
  }

  #onRefused(error: ClientError): void {
    if (!this.#connection.connected) return; // the connection's own notices tell what comes next
    if (error.code === 'UNAUTHENTICATED') return this.#connection.reconnect(error);
    if (!error.retry) return this.#fail(error);
    this.#failures++;
    this.#phase = 'asking';
    this.#request++;
    this.#push({ type: 'reconnecting', attempt: this.#failures, error });
    clearTimeout(this.#timer);
    const delay = Math.max(delayBefore(this.#failures, this.#backoff), error.retryAfterMs ?? 0);
    this.#timer = setTimeout(() => this.#ask(), delay);
  }

  /**
   * The server jumps to `index`. Asks for what lies between; only when that came to nothing several times does it become a
   * gap, and true says that `index` may follow.
   */
  #mayPass(index: number): boolean {
    const jump = this.#position.jump(index);
    if (jump === 'stale') return false;
    if (jump.gap) {
      this.#push({ type: 'gap', ...jump.gap, reason: 'unexplained' });
      return true;
    }
    this.#phase = 'asking';
    this.#position.awaitHistory();
    this.#request++;
    if (jump.attempt === 1) this.#ask();
    else this.#timer = setTimeout(() => this.#ask(), delayBefore(jump.attempt, this.#backoff));
    return false;
  }

  #push(item: SubscriptionItem): void {
    this.#inbox.push(item);
    if (this.#inbox.full) this.#rest();
  }

  /** Socket.IO cannot be told to wait: what the reader has no room for is fetched later, by index. */
  #rest(): void {
    if (!this.#listening) return;
    this.#rests++;
    this.#phase = 'resting';
    this.#request++;
    this.#connection.tell('unsubscribe', { stream: this.stream });
  }

  /** The reader took something. */
  #goOn(): void {
    if (this.#phase !== 'resting' || !this.#inbox.low) return;
    this.#phase = 'away';
    if (this.#connection.connected) this.#ask();
  }

  #fail(error: Error): void {
    if (this.#phase !== 'over') this.#finish(error);
  }

  readonly #onAbort = (): void => {
    if (this.#phase === 'over') return;
    this.#connection.tell('unsubscribe', { stream: this.stream });
    this.#inbox.clear();
    this.#finish();
  };

  #finish(failure?: Error): void {
    this.#phase = 'over';
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#connection.delete(this);
    this.#onClose();
    this.#inbox.end(failure);
  }
}
