import { Batch, hasCode, inOrder, systemClock } from '@kubidu/core';
import type { Tail } from '@kubidu/core';
import type { Gap } from '@kubidu/contracts';
import { LIMITS } from '@kubidu/contracts';

import type { Outlet } from './outlet.ts';
import { batchPackets, packet } from './packet.ts';
import { packed } from './room.ts';
import type { Member, Room } from './room.ts';

/** What a subscription starts from. */
export interface Start {
  /** Deliver what is after this index. */
  readonly after: number;
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

/**
 * One reader: a cursor that walks through history at its client's pace and, once it has reached the head, sits in the
 * room where everything new is written at once. A client that is slow falls out of the room and walks again. So it gets
 * every entry once, in order, and costs no more memory than a few packets.
 */
export class Subscription implements Member {
  readonly outlet: Outlet;
  readonly #tail: Tail;
  readonly #room: Room;
  readonly #about: string;
  readonly #observer: SubscriptionObserver;
  readonly #stop = new AbortController();
  #cursor = 0;
  #leave: (() => void) | undefined;
  #running: Promise<void> | undefined;

  constructor(tail: Tail, room: Room, outlet: Outlet, observer: SubscriptionObserver) {
    this.#tail = tail;
    this.#room = room;
    this.outlet = outlet;
    this.#about = JSON.stringify({ stream: tail.stream });
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
      if (!this.#closed) this.#observer.failed(error);
    } finally {
      this.#observer.catchingUp(-1);
    }
  }

  get #closed(): boolean {
    return this.#stop.signal.aborted;
  }

  async #history({ firstIndex, lastIndex }: Start): Promise<void> {
    const parts = this.#cursor < this.#tail.last ? await this.#read(LIMITS.historyEntries) : [];
    if (this.#closed) return;
    const entries: string[] = [];
    for (const part of parts) {
      if (!(part instanceof Batch)) break; // a gap is told after the history, which comes first of all
      entries.push(part.json().slice(1, -1));
      this.#cursor = part.last;
    }
    const about = JSON.stringify({
      stream: this.#tail.stream,
      firstIndex,
      lastIndex: Math.max(lastIndex, this.#cursor),
    });
    this.outlet.write(packet('logs:history', `[${entries.join(',')}]`, about));
  }

  async #step(): Promise<void> {
    await this.outlet.writable(this.#stop.signal);
    if (this.#cursor < this.#tail.last) return this.#walk();
    if (this.#tail.ended) return this.#end();
    await (this.#cursor === this.#tail.last ? this.#sit() : this.#await());
  }

  /** Delivers the next page from history. */
  async #walk(): Promise<void> {
    const parts = await this.#read(LIMITS.historyEntries);
    for (const part of parts) {
      if (this.#closed) return;
      if (!(part instanceof Batch)) {
        this.#gap(part);
        continue;
      }
      for (const batch of packed([part])) this.outlet.write(batchPackets(batch, this.#about, this.#room.form));
      this.#cursor = part.last;
      this.#observer.delivered(part.lines.length);
    }
  }

  /** Whatever goes wrong, the reader waits: ending here would leave its client with a subscription that says nothing. */
  async #read(limit: number): Promise<(Batch | Gap)[]> {
    for (let tries = 0; ; tries++) {
      try {
        return inOrder(await this.#tail.read({ after: this.#cursor, limit }));
      } catch (error) {
        if (!hasCode(error, 'UNAVAILABLE')) this.#observer.failed(error);
        await systemClock.sleep(Math.min(RETRY_MS * 2 ** tries, RETRY_MOST_MS), this.#stop.signal);
      }
    }
  }

  #gap(gap: Gap): void {
    const from = Math.max(gap.from, this.#cursor + 1);
    this.outlet.write(packet('logs:gap', JSON.stringify({ stream: this.#tail.stream, ...gap, from })));
    this.#cursor = gap.to;
  }

  #end(): void {
    const end = { stream: this.#tail.stream, lastIndex: this.#tail.last, ...this.#tail.ended };
    this.outlet.write(packet('logs:end', JSON.stringify(end)));
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
