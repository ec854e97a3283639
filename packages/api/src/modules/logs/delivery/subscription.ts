import { Batch, Excerpt, hasCode, inOrder, scan, systemClock } from '@kubidu/core';
import type { LogsError, QueryFilter, ReadRange, Scan, Stretch, Tail } from '@kubidu/core';
import type { Gap, Outcome } from '@kubidu/contracts';
import { LIMITS } from '@kubidu/contracts';

import type { Encoder } from './form.ts';
import { newestMatching } from './newest-matching.ts';
import type { Outlet } from './outlet.ts';
import { packed } from './room.ts';
import type { Member, Room } from './room.ts';
import type { Seat } from './rooms.ts';

/** What a subscription starts from. */
export interface Start {
  /** Deliver what is after this index. */
  readonly after: number;
  /** With a query: instead, begin with so many of the newest that match; 0 for none. */
  readonly newest: number;
  readonly firstIndex: number;
  readonly lastIndex: number;
}

/** Is told what a subscription does. */
export interface SubscriptionObserver {
  delivered(lines: number): void;
  /** 1: it fell behind the head, or begins; -1: it reached the head, or ends. */
  catchingUp(change: 1 | -1): void;
  /** It met a defect; it tries again. */
  failed(error: unknown): void;
}

const RETRY_MS = 100;
const RETRY_MOST_MS = 2_000;
/** Entries a reader with a query looks at before others have their turn. */
const SCAN_STEP = 5_000;

/**
 * One reader: a cursor that walks through history at its client's pace and, once it has reached the head, sits in the
 * room where everything new is written at once. A client that is slow falls out of the room and walks again. So it gets
 * every entry once, in order, and costs no more memory than a few packets. With a query the cursor stands behind the last
 * entry that was looked at, whether it matched or not, so that nothing is looked at again.
 */
export class Subscription implements Member {
  readonly outlet: Outlet;
  readonly #tail: Tail;
  readonly #room: Room;
  readonly #filter: QueryFilter | undefined;
  readonly #encoder: Encoder;
  readonly #observer: SubscriptionObserver;
  readonly #stop = new AbortController();
  #cursor = 0;
  #leave: (() => void) | undefined;
  #running: Promise<void> | undefined;

  constructor(tail: Tail, { room, filter }: Omit<Seat, 'free'>, outlet: Outlet, observer: SubscriptionObserver) {
    this.#tail = tail;
    this.#room = room;
    this.#filter = filter;
    this.outlet = outlet;
    this.#encoder = room.encoder;
    this.#observer = observer;
  }

  /** Begins to deliver; `logs:history` comes first, and `onHistory` is called once it is written. */
  start(start: Start, onHistory?: () => void): void {
    this.#running ??= this.#run(start, onHistory);
  }

  /** Resolves once the stream has ended and all of it was delivered, or the subscription was closed. Never rejects. */
  async done(): Promise<void> {
    await this.#running;
  }

  /** Writes nothing more from this moment on. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#room.leave(this);
    this.#leave?.();
    await this.#running;
  }

  left(cursor: number): void {
    this.#cursor = cursor;
    this.#leave?.();
  }

  async #run(start: Start, onHistory: (() => void) | undefined): Promise<void> {
    this.#observer.catchingUp(1);
    try {
      this.#cursor = start.after;
      await this.#history(start);
      if (!this.#closed) onHistory?.();
      while (!this.#closed) await this.#step();
    } catch (error) {
      if (this.#closed) return;
      if (hasCode(error, 'INVALID_ARGUMENT')) this.#refuse(error);
      else this.#observer.failed(error);
    } finally {
      this.#observer.catchingUp(-1);
    }
  }

  get #closed(): boolean {
    return this.#stop.signal.aborted;
  }

  async #history(start: Start): Promise<void> {
    const { firstIndex, lastIndex } = start;
    const found = (await this.#newest(start)) ?? (await this.#next(LIMITS.scanEntries));
    if (this.#closed) return;
    const excerpts: Excerpt[] = [];
    for (const part of found.parts) {
      if (!(part instanceof Excerpt)) break; // a gap is told after the history, which comes first of all
      excerpts.push(part);
      this.#cursor = part.indexes.at(-1) ?? this.#cursor;
    }
    if (found.parts.every((part) => part instanceof Excerpt)) this.#cursor = Math.max(this.#cursor, found.edge);
    const cursor = this.#cursor;
    const empty = excerpts.every(({ lines }) => lines.length === 0);
    // Nothing found: then it says how far it was looked for, and the client may resume from there.
    const reached = this.#filter && empty ? cursor : Math.max(lastIndex, cursor);
    this.outlet.write(this.#encoder.history(excerpts, { firstIndex, lastIndex: reached, cursor }));
  }

  async #step(): Promise<void> {
    await this.outlet.writable(this.#stop.signal);
    if (this.#cursor < this.#tail.last) return this.#walk();
    if (this.#tail.ended) return this.#end(this.#tail.ended);
    await (this.#cursor === this.#tail.last ? this.#sit() : this.#await());
  }

  /** Delivers the next page from history. */
  async #walk(): Promise<void> {
    const { parts, edge } = await this.#next(SCAN_STEP);
    for (const part of parts) {
      if (this.#closed) return;
      if (!(part instanceof Excerpt)) {
        this.#gap(part);
        continue;
      }
      for (const excerpt of packed([part])) this.outlet.write(this.#encoder.entries(excerpt));
      this.#cursor = part.indexes.at(-1) ?? this.#cursor;
      this.#observer.delivered(part.lines.length);
    }
    this.#cursor = Math.max(this.#cursor, edge);
  }

  /** What comes next behind the cursor; with a query, found by looking at so many entries at most. */
  async #next(most: number): Promise<Pick<Scan, 'parts' | 'edge'>> {
    const range = { after: this.#cursor, limit: LIMITS.historyEntries };
    if (this.#cursor >= this.#tail.last) return { parts: [], edge: this.#cursor };
    if (this.#filter) return scan((one) => this.#read(one), range, this.#filter, { most, signal: this.#stop.signal });
    const page = inOrder(await this.#read(range));
    const last = page.at(-1);
    const edge = last instanceof Batch ? last.last : (last?.to ?? this.#cursor);
    return { parts: page.map((part) => (part instanceof Batch ? Excerpt.of(part) : part)), edge };
  }

  /** With a query, the newest that match; where they are too many at once, moves the cursor before them. */
  async #newest({ newest, firstIndex }: Start): Promise<Pick<Scan, 'parts' | 'edge'> | undefined> {
    if (!this.#filter || newest === 0) return undefined;
    const through = this.#tail.last;
    const read = (range: ReadRange) => this.#read(range);
    const { excerpts, after } = await newestMatching(
      read,
      { firstIndex, through, count: newest },
      this.#filter,
      this.#stop.signal,
    );
    this.#cursor = after;
    return excerpts && { parts: excerpts, edge: through };
  }

  /** Whatever goes wrong, the reader waits: ending here would leave its client with a subscription that says nothing. */
  async #read(range: ReadRange): Promise<Stretch> {
    for (let tries = 0; ; tries++) {
      try {
        return await this.#tail.read(range);
      } catch (error) {
        if (!hasCode(error, 'UNAVAILABLE')) this.#observer.failed(error);
        await systemClock.sleep(Math.min(RETRY_MS * 2 ** tries, RETRY_MOST_MS), this.#stop.signal);
      }
    }
  }

  #gap(gap: Gap): void {
    const from = Math.max(gap.from, this.#cursor + 1);
    this.outlet.write(this.#encoder.gap({ ...gap, from }));
    this.#cursor = gap.to;
  }

  /** Its query costs too much: that is known only now, long after it was acknowledged. */
  #refuse(error: LogsError): void {
    this.outlet.write(this.#encoder.refusal(error.body()));
    this.#stop.abort();
  }

  #end(outcome: Outcome): void {
    this.outlet.write(this.#encoder.end({ lastIndex: this.#tail.last, ...outcome }));
    this.#stop.abort();
  }

  /** Sits in the room until it has to leave. Joining takes no turn: nothing is appended in between. */
  async #sit(): Promise<void> {
    this.#observer.catchingUp(-1);
    await new Promise<void>((resolve) => {
      this.#leave = resolve;
      this.#room.join(this);
    });
    this.#leave = undefined;
    this.#observer.catchingUp(1);
  }

  /** Its client has seen more than there is (the store lost data): waits until the stream is beyond that. */
  async #await(): Promise<void> {
    await new Promise<void>((resolve) => {
      const detach = this.#tail.attach({
        batch: () => this.#leave?.(),
        gap: () => this.#leave?.(),
        end: () => this.#leave?.(),
      });
      this.#leave = () => {
        detach();
        resolve();
      };
    });
    this.#leave = undefined;
  }
}
