import type { Gap, Outcome, StreamId } from '@kubidu/contracts';

import { Batch } from './batch.ts';
import type { Clock } from './clock.ts';
import type { Head, LogStore, ReadRange, Stretch, Wake, Watch } from './log-store.ts';
import type { Ring } from './ring.ts';

/** What a tail tells those at its head, in order, without a hole: after each, `tail.last` has moved on. Must not throw. */
export interface TailListener {
  batch(batch: Batch): void;
  gap(gap: Gap): void;
  end(outcome: Outcome): void;
}

/** Told of each failed try to read what a wake announced; the tail tries again by itself. */
export type OnTailFault = (stream: StreamId, error: unknown) => void;

const CATCH_UP_ENTRIES = 1_000;
const RETRY_MS = 100;
const RETRY_MOST_MS = 2_000;

/**
 * The head of one stream as this process sees it: everything stored, once, in order. Wakes only accelerate it: one that
 * begins beyond the next index, or says nothing, makes it read the store, so a lost notification is never a lost line.
 * What came together is announced together, once a turn of the event loop.
 */
export class Tail implements AsyncDisposable {
  readonly stream: StreamId;
  readonly #store: LogStore;
  readonly #clock: Clock;
  readonly #ring: Ring;
  readonly #onFault: OnTailFault | undefined;
  readonly #listeners = new Set<TailListener>();
  readonly #closed = new AbortController();
  #watch: Watch | undefined;
  #last = 0;
  #ended: Outcome | undefined;
  #fresh: Batch[] = [];
  #turn: NodeJS.Immediate | undefined;
  #behind = false;
  #catchingUp: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(store: LogStore, stream: StreamId, ring: Ring, clock: Clock, onFault?: OnTailFault) {
    this.#store = store;
    this.stream = stream;
    this.#ring = ring;
    this.#clock = clock;
    this.#onFault = onFault;
  }

  /** Opens the tail of a stream at its present head. @throws {LogsError} UNAVAILABLE */
  static async open(store: LogStore, stream: StreamId, ring: Ring, clock: Clock, onFault?: OnTailFault): Promise<Tail> {
    const tail = new Tail(store, stream, ring, clock, onFault);
    // Watching first: what is stored between the two is woken for, and sorted out by its index.
    const early: Wake[] = [];
    let take = (wake: Wake): void => {
      early.push(wake);
    };
    const watch = await store.watch(stream, (wake) => take(wake));
    try {
      const { lastIndex, ended } = await store.head(stream);
      tail.#watch = watch;
      tail.#last = lastIndex;
      tail.#ended = ended;
      take = (wake) => tail.#take(wake);
      for (const wake of early) tail.#take(wake);
      return tail;
    } catch (error) {
      await watch[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Index of the last entry announced. */
  get last(): number {
    return this.#last;
  }

  /** How the stream ended; set once everything of it was announced. */
  get ended(): Outcome | undefined {
    return this.#ended;
  }

  /** Calls the listener for everything after `last`, until the returned function is called. */
  attach(listener: TailListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads a page, from memory where it is held. @throws {LogsError} UNAVAILABLE */
  async read(range: ReadRange): Promise<Stretch> {
    return this.#ring.read(range, this.#last) ?? (await this.#store.read(this.stream, range));
  }

  /** Where the stream begins and stops in the store now. @throws {LogsError} UNAVAILABLE */
  head(): Promise<Head> {
    return this.#store.head(this.stream);
  }

  /** Ends the tail; listeners hear nothing more, not even the end. Idempotent. */
  [Symbol.asyncDispose](): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#closed.abort();
    clearImmediate(this.#turn);
    this.#listeners.clear();
    this.#ring.clear();
    try {
      await this.#watch?.[Symbol.asyncDispose]();
    } finally {
      await this.#catchingUp;
    }
  }

  #take(wake: Wake): void {
    if (this.#closed.signal.aborted) return;
    if (wake.batch && !this.#behind && wake.batch.first <= this.#next) {
      if (wake.batch.last >= this.#next) this.#fresh.push(wake.batch);
    } else if (!wake.batch || wake.batch.last >= this.#next) {
      this.#behind = true;
    }
    if (wake.ended) this.#behind = true;
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      this.#announceFresh();
      if (this.#behind) this.#catchingUp ??= this.#catchUp();
    });
  }

  /** The index that would go on without a hole. */
  get #next(): number {
    return Math.max(this.#last, this.#fresh.at(-1)?.last ?? 0) + 1;
  }

  #announceFresh(): void {
    const fresh = this.#fresh;
    if (fresh.length === 0) return;
    this.#fresh = [];
    this.#announce(merge(fresh, this.#last));
  }

  #announce(batch: Batch | undefined): void {
    if (!batch) return;
    this.#ring.push(batch);
    this.#last = batch.last;
    this.#tell((listener) => listener.batch(batch));
  }

  /** Reads what the wakes did not bring. Never rejects: whatever fails, a reader that is behind has to catch up. */
  async #catchUp(): Promise<void> {
    for (let tries = 0; this.#behind && !this.#closed.signal.aborted;) {
      this.#behind = false;
      try {
        await this.#readOn();
        tries = 0;
      } catch (error) {
        if (this.#closed.signal.aborted) break;
        this.#onFault?.(this.stream, error);
        this.#behind = true;
        const wait = Math.min(RETRY_MS * 2 ** tries++, RETRY_MOST_MS);
        await this.#clock.sleep(wait, this.#closed.signal).catch(() => undefined); // closed: the loop sees it
      }
    }
    this.#catchingUp = undefined;
  }

  async #readOn(): Promise<void> {
    for (;;) {
      const page = await this.#store.read(this.stream, { after: this.#last, limit: CATCH_UP_ENTRIES });
      if (this.#closed.signal.aborted) return;
      for (const part of inOrder(page)) {
        if (part instanceof Batch) this.#announce(part.slice(this.#last));
        else this.#skip(part);
      }
      if (this.#last < page.lastIndex) continue;
      if (page.ended && !this.#ended) this.#end(page.ended);
      return;
    }
  }

  #skip(gap: Gap): void {
    if (gap.to <= this.#last) return;
    this.#ring.clear();
    const from = Math.max(gap.from, this.#last + 1);
    this.#last = gap.to;
    this.#tell((listener) => listener.gap({ ...gap, from }));
  }

  #end(outcome: Outcome): void {
    this.#ended = outcome;
    this.#tell((listener) => listener.end(outcome));
  }

  /** One that is attached meanwhile begins behind `last`, so this is not for it; one that is detached wants no more. */
  #tell(what: (listener: TailListener) => void): void {
    for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) what(listener);
  }
}

/** A page's batches and gaps in the order of their indexes. */
export function inOrder(page: Stretch): (Batch | Gap)[] {
  const begin = (part: Batch | Gap) => (part instanceof Batch ? part.first : part.from);
  return [...page.batches, ...page.gaps].sort((a, b) => begin(a) - begin(b));
}

/** What came in one turn as one batch, behind `after`. Each begins at or before the end of the one before it. */
function merge(batches: readonly Batch[], after: number): Batch | undefined {
  const [only] = batches;
  if (only && batches.length === 1) return only.slice(after);
  const lines: string[] = [];
  let last = after;
  for (const batch of batches) {
    const part = batch.slice(last);
    if (!part) continue;
    for (const line of part.lines) lines.push(line);
    last = part.last;
  }
  return lines.length > 0 ? new Batch(after + 1, lines) : undefined;
}
