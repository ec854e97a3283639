import type { LogEntry, Outcome, Source, StreamId } from '@kubidu/contracts';

import { delayBefore } from './backoff.ts';
import type { Backoff } from './backoff.ts';
import { ClientError } from './client-error.ts';
import type { Connection, ConnectionListener } from './connection.ts';
import { ItemQueue } from './item-queue.ts';
import type { SubscriptionItem } from './subscription-item.ts';

/** How often the same indexes are asked for again before they are given up as `unexplained`. */
const REFETCHES = 3;

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
  readonly #queue = new ItemQueue();
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #phase: Phase = 'away';
  /** Index of the last entry queued; undefined until the first came. */
  #last: number | undefined;
  /** With a query: up to here the server found nothing behind `last`. */
  #unmatched = 0;
  #awaitingHistory = false;
  #taken = false;
  #resumed = false;
  #request = 0;
  #failures = 0;
  #refetchAfter = -1;
  #refetches = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;
  #repeats = 0;
  #holes = 0;
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
    this.#last = options.sinceIndex;
    this.#maxEntries = options.maxEntries ?? 20_000;
    this.#maxBytes = options.maxBytes ?? 32 * 1024 * 1024;
    if (options.signal?.aborted === true) this.#finish();
    else options.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get counts(): SubscriptionCounts {
    return { repeats: this.#repeats, holes: this.#holes, rests: this.#rests };
  }

  /** Ends the subscription and the iteration. What waits is dropped. */
  async close(): Promise<void> {
    if (this.#phase === 'over') return;
    this.#connection.tell('unsubscribe', { stream: this.stream });
    this.#queue.clear();
    this.#finish();
  }

  [Symbol.asyncDispose] = (): Promise<void> => this.close();

  async *[Symbol.asyncIterator](): AsyncGenerator<SubscriptionItem, void, undefined> {
    if (this.#taken) throw new ClientError('CONFLICT', 'a subscription has one reader');
    this.#taken = true;
    try {
      for (;;) {
        const item = this.#queue.shift();
        if (item !== undefined) {
          this.#goOn();
          yield item;
        } else if (this.#failure !== undefined) throw this.#failure;
        else if (this.#phase === 'over') return;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
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
    this.#awaitingHistory = false;
    // With nothing to start from, what comes next is the first after the head.
    const startsAtHead = entries.length === 0 && (this.#options.lines === 0 || about.lastIndex === 0);
    if (this.#last === undefined && startsAtHead) this.#last = about.lastIndex;
    // Nothing matched as far as that: no need to look through it again after an outage.
    if (this.#filtered && entries.length === 0) this.#unmatched = about.lastIndex;
    this.onEntries(entries);
  }

  onEntries(entries: LogEntry[]): void {
    const head = entries[0];
    if (!this.#listening || head === undefined) return;
    this.#last ??= head.index - 1;
    this.#unmatched = 0;
    let from = 0;
    while (from < entries.length && (entries[from] as LogEntry).index <= this.#last) from++;
    this.#repeats += this.#awaitingHistory ? 0 : from;
    let to = from;
    let last = this.#last;
    while (to < entries.length && this.#follows((entries[to] as LogEntry).index, last)) {
      last = (entries[to] as LogEntry).index;
      to++;
    }
    if (to > from) {
      this.#last = last;
      this.#push({ type: 'entries', entries: from === 0 && to === entries.length ? entries : entries.slice(from, to) });
    }
    const next = entries[to];
    if (next !== undefined && this.#mayPass(next.index)) this.onEntries(entries.slice(to));
  }

  onGap(gap: { from: number; to: number; reason: 'expired' | 'trimmed' }): void {
    if (!this.#listening || gap.to <= (this.#last ?? 0)) return;
    const jumps = this.#last !== undefined && gap.from > this.#last + 1 && !this.#filtered;
    if (jumps && !this.#mayPass(gap.from)) return;
    const from = Math.max(gap.from, (this.#last ?? 0) + 1);
    this.#last = gap.to;
    this.#unmatched = 0;
    this.#push({ type: 'gap', from, to: gap.to, reason: gap.reason });
  }

  onEnd({ lastIndex, status, exitCode }: Outcome & { lastIndex: number }): void {
    if (!this.#listening) return;
    const whole = this.#filtered || this.#last === undefined || lastIndex <= this.#last;
    if (!whole && !this.#mayPass(lastIndex + 1)) return;
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

  get #filtered(): boolean {
    return (this.#options.query ?? '').trim() !== '';
  }

  /** Whether `index` may come next after `last`. */
  #follows(index: number, last: number): boolean {
    return this.#filtered ? index > last : index === last + 1;
  }

  get #listening(): boolean {
    return this.#phase === 'asking' || this.#phase === 'live';
  }

  #ask(): void {
    clearTimeout(this.#timer);
    this.#phase = 'asking';
    this.#awaitingHistory = true;
    const request = ++this.#request;
    const { lines, batch = true, query } = this.#options;
    const asked = this.#unmatched > 0 ? Math.max(this.#last ?? 0, this.#unmatched) : this.#last;
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
    if (this.#awaitingHistory) return false; // of an older subscription: the answer to the newer one is on the way
    const last = this.#last ?? 0;
    this.#holes++;
    this.#refetches = this.#refetchAfter === last ? this.#refetches + 1 : 1;
    this.#refetchAfter = last;
    if (this.#refetches > REFETCHES) {
      this.#last = index - 1;
      this.#push({ type: 'gap', from: last + 1, to: index - 1, reason: 'unexplained' });
      return true;
    }
    this.#phase = 'asking';
    this.#awaitingHistory = true;
    this.#request++;
    if (this.#refetches === 1) this.#ask();
    else this.#timer = setTimeout(() => this.#ask(), delayBefore(this.#refetches, this.#backoff));
    return false;
  }

  #push(item: SubscriptionItem): void {
    this.#queue.push(item);
    if (this.#queue.entries > this.#maxEntries || this.#queue.bytes > this.#maxBytes) this.#rest();
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** Socket.IO cannot be told to wait: what the reader has no room for is fetched later, by index. */
  #rest(): void {
    if (!this.#listening) return;
    this.#rests++;
    this.#phase = 'resting';
    this.#request++;
    this.#connection.tell('unsubscribe', { stream: this.stream });
  }

  /** The reader took something: a quarter left is early enough to fill up again before it waits. */
  #goOn(): void {
    if (this.#phase !== 'resting') return;
    if (this.#queue.entries > this.#maxEntries / 4 || this.#queue.bytes > this.#maxBytes / 4) return;
    this.#phase = 'away';
    if (this.#connection.connected) this.#ask();
  }

  #fail(error: Error): void {
    if (this.#phase === 'over') return;
    this.#failure = error;
    this.#finish();
  }

  readonly #onAbort = (): void => {
    if (this.#phase === 'over') return;
    this.#connection.tell('unsubscribe', { stream: this.stream });
    this.#queue.clear();
    this.#finish();
  };

  #finish(): void {
    this.#phase = 'over';
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#connection.delete(this);
    this.#onClose();
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
