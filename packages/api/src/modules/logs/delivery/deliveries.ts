import { LIMITS } from '@kubidu/contracts';
import type { StreamId, Subscribed } from '@kubidu/contracts';
import { LogsError } from '@kubidu/core';
import type { Head, Tail, Tails, TailShare } from '@kubidu/core';

import { parseQuery } from '../../../http/parse.ts';
import type { Form } from './form.ts';
import type { Outlet } from './outlet.ts';
import { Rooms } from './rooms.ts';
import type { RoomsObserver, Seat } from './rooms.ts';
import { Subscription } from './subscription.ts';
import type { Start } from './subscription.ts';

/** How a client wants its subscription, validated. */
export interface Wish {
  readonly sinceIndex?: number | undefined;
  readonly lines: number;
  readonly query?: string | undefined;
}

/** Whoever holds subscriptions, one to a stream: a socket, or a response. */
export interface Holder {
  readonly connected: boolean;
}

/** On what way a subscription is delivered; `companion` is disposed of with it. */
export interface Via {
  readonly outlet: Outlet;
  readonly form: Form;
  readonly companion?: AsyncDisposable;
}

/** Is told what deliveries do, for metrics and the log. */
export interface DeliveriesObserver extends RoomsObserver {
  subscribers(stream: StreamId, change: 1 | -1): void;
  catchingUp(change: 1 | -1): void;
  failed(stream: StreamId, error: unknown): void;
}

/** A subscription that is ready: answer the client, then `start` it. `onHistory` is called behind the history. */
export interface Prepared {
  readonly subscribed: Subscribed;
  readonly start: (onHistory?: () => void) => void;
  /** Resolves once nothing more of it is written: the end was, or a refusal, or it was ended. Never rejects. */
  readonly done: () => Promise<void>;
}

/** A holder's place for a stream: taken at once, filled when the tail is open. */
class Place {
  /** What ends with it, in this order. */
  readonly parts: AsyncDisposable[] = [];

  async close(): Promise<void> {
    for (const part of this.parts) await part[Symbol.asyncDispose]();
  }
}

/** Every subscription of this process. */
export class Deliveries implements AsyncDisposable {
  readonly #tails: Tails;
  readonly #observer: DeliveriesObserver;
  readonly #rooms = new WeakMap<Tail, Rooms>();
  readonly #holders = new Map<Holder, Map<StreamId, Place>>();

  constructor(tails: Tails, observer: DeliveriesObserver) {
    this.#tails = tails;
    this.#observer = observer;
  }

  /**
   * Prepares a subscription; one of the same holder to the same stream ends now.
   * @throws {LogsError} INVALID_ARGUMENT where the query does not parse, RATE_LIMITED beyond
   * {@link LIMITS.subscriptionsPerSocket} and {@link LIMITS.queriesPerStream}, UNAVAILABLE
   */
  async prepare(holder: Holder, stream: StreamId, wish: Wish, via: Via): Promise<Prepared> {
    let place: Place | undefined;
    let share: TailShare | undefined;
    let seat: Seat | undefined;
    try {
      const query = parseQuery(wish.query);
      await this.#release(holder, stream);
      place = this.#take(holder, stream);
      share = await this.#tails.share(stream);
      const head = await share.tail.head();
      if (this.#holders.get(holder)?.get(stream) !== place)
        throw new LogsError('CONFLICT', `${stream} was subscribed to again, or left, before this began`);
      seat = this.#roomsOf(share.tail).seat(via.form, query);
      place.parts.push(share, ...(via.companion ? [via.companion] : []));
      return this.#fill(place, via.outlet, share.tail, head, wish, seat);
    } catch (error) {
      if (place && this.#holders.get(holder)?.get(stream) === place) this.#holders.get(holder)?.delete(stream);
      seat?.free();
      await via.companion?.[Symbol.asyncDispose]();
      await share?.[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Ends a subscription; nothing of it is written after the call. Whether there was one. */
  end(holder: Holder, stream: StreamId): Promise<boolean> {
    return this.#release(holder, stream);
  }

  /** Ends all of a holder's subscriptions. */
  async endAll(holder: Holder): Promise<void> {
    const held = this.#holders.get(holder);
    this.#holders.delete(holder);
    await Promise.all([...(held?.values() ?? [])].map((place) => place.close()));
  }

  /** The streams a holder reads now. */
  streams(holder: Holder): StreamId[] {
    return [...(this.#holders.get(holder)?.keys() ?? [])];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#holders.keys()].map((holder) => this.endAll(holder)));
  }

  #take(holder: Holder, stream: StreamId): Place {
    if (!holder.connected) throw new LogsError('CONFLICT', 'the connection is closed');
    const places = this.#holders.get(holder) ?? new Map<StreamId, Place>();
    if (places.size >= LIMITS.subscriptionsPerSocket)
      throw new LogsError('RATE_LIMITED', `a connection may hold ${LIMITS.subscriptionsPerSocket} subscriptions`);
    const place = new Place();
    places.set(stream, place);
    this.#holders.set(holder, places);
    return place;
  }

  async #release(holder: Holder, stream: StreamId): Promise<boolean> {
    const places = this.#holders.get(holder);
    const place = places?.get(stream);
    if (!places?.delete(stream)) return false;
    await place?.close();
    return true;
  }

  #fill(place: Place, outlet: Outlet, tail: Tail, head: Head, wish: Wish, seat: Seat): Prepared {
    const { stream } = tail;
    const subscription = new Subscription(tail, seat, outlet, {
      delivered: (lines) => this.#observer.delivered(lines),
      catchingUp: (change) => this.#observer.catchingUp(change),
      failed: (error) => this.#observer.failed(stream, error),
    });
    this.#observer.subscribers(stream, 1);
    place.parts.unshift({
      [Symbol.asyncDispose]: async () => {
        this.#observer.subscribers(stream, -1);
        await subscription.close();
        seat.free();
      },
    });
    const { firstIndex, lastIndex, ended } = head;
    return {
      subscribed: { stream, room: stream, firstIndex, lastIndex, ...(ended && { ended }) },
      start: (onHistory) => subscription.start(startOf(head, wish, seat), onHistory),
      done: () => subscription.done(),
    };
  }

  #roomsOf(tail: Tail): Rooms {
    let rooms = this.#rooms.get(tail);
    if (!rooms) {
      rooms = new Rooms(tail, this.#observer);
      this.#rooms.set(tail, rooms);
    }
    return rooms;
  }
}

function startOf({ firstIndex, lastIndex }: Head, { sinceIndex, lines }: Wish, { filter }: Seat): Start {
  const after = sinceIndex ?? Math.max(firstIndex - 1, lastIndex - lines);
  const newest = filter && sinceIndex === undefined ? lines : 0;
  return { after, newest, firstIndex, lastIndex };
}
