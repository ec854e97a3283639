import { LIMITS } from '@kubidu/contracts';
import type { StreamId, Subscribed } from '@kubidu/contracts';
import { LogsError } from '@kubidu/core';
import type { Head, Tail, Tails, TailShare } from '@kubidu/core';
import type { Socket } from 'socket.io';

import { Outlet } from './outlet.ts';
import { parseQuery } from '../../../http/parse.ts';
import { Rooms } from './rooms.ts';
import type { RoomsObserver, Seat } from './rooms.ts';
import { Subscription } from './subscription.ts';
import type { Start } from './subscription.ts';

/** How a client wants its subscription, validated. */
export interface Wish {
  readonly sinceIndex?: number | undefined;
  readonly lines: number;
  readonly batch: boolean;
  readonly query?: string | undefined;
}

/** Is told what deliveries do, for metrics and the log. */
export interface DeliveriesObserver extends RoomsObserver {
  subscribers(stream: StreamId, change: 1 | -1): void;
  catchingUp(change: 1 | -1): void;
  failed(stream: StreamId, error: unknown): void;
}

/** A subscription that is ready: answer the client, then `start` it. `onHistory` is called behind `logs:history`. */
export interface Prepared {
  readonly subscribed: Subscribed;
  readonly start: (onHistory?: () => void) => void;
}

/** A socket's place for a stream: taken at once, filled when the tail is open. */
class Place {
  /** What ends with it, in this order. */
  readonly parts: AsyncDisposable[] = [];

  async close(): Promise<void> {
    for (const part of this.parts) await part[Symbol.asyncDispose]();
  }
}

/** Every subscription of every socket of this process. */
export class Deliveries implements AsyncDisposable {
  readonly #tails: Tails;
  readonly #observer: DeliveriesObserver;
  readonly #rooms = new WeakMap<Tail, Rooms>();
  readonly #sockets = new Map<Socket, Map<StreamId, Place>>();

  constructor(tails: Tails, observer: DeliveriesObserver) {
    this.#tails = tails;
    this.#observer = observer;
  }

  /**
   * Prepares a subscription; one of the same socket to the same stream ends now. `companion` is disposed of with it.
   * @throws {LogsError} INVALID_ARGUMENT where the query does not parse, RATE_LIMITED beyond
   * {@link LIMITS.subscriptionsPerSocket} and {@link LIMITS.queriesPerStream}, UNAVAILABLE
   */
  async prepare(socket: Socket, stream: StreamId, wish: Wish, companion?: AsyncDisposable): Promise<Prepared> {
    let place: Place | undefined;
    let share: TailShare | undefined;
    let seat: Seat | undefined;
    try {
      const query = parseQuery(wish.query);
      await this.#release(socket, stream);
      place = this.#take(socket, stream);
      share = await this.#tails.share(stream);
      const head = await share.tail.head();
      if (this.#sockets.get(socket)?.get(stream) !== place)
        throw new LogsError('CONFLICT', `${stream} was subscribed to again, or left, before this began`);
      seat = this.#roomsOf(share.tail).seat(wish.batch ? 'logs' : 'log', query);
      place.parts.push(share, ...(companion ? [companion] : []));
      return this.#fill(place, socket, share.tail, head, wish, seat);
    } catch (error) {
      if (place && this.#sockets.get(socket)?.get(stream) === place) this.#sockets.get(socket)?.delete(stream);
      seat?.free();
      await companion?.[Symbol.asyncDispose]();
      await share?.[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Ends a subscription; nothing of it is written after the call. Whether there was one. */
  end(socket: Socket, stream: StreamId): Promise<boolean> {
    return this.#release(socket, stream);
  }

  /** Ends all of a socket's subscriptions. */
  async endAll(socket: Socket): Promise<void> {
    const held = this.#sockets.get(socket);
    this.#sockets.delete(socket);
    await Promise.all([...(held?.values() ?? [])].map((place) => place.close()));
  }

  /** The streams a socket reads now. */
  streams(socket: Socket): StreamId[] {
    return [...(this.#sockets.get(socket)?.keys() ?? [])];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#sockets.keys()].map((socket) => this.endAll(socket)));
  }

  #take(socket: Socket, stream: StreamId): Place {
    if (!socket.connected) throw new LogsError('CONFLICT', 'the connection is closed');
    const places = this.#sockets.get(socket) ?? new Map<StreamId, Place>();
    if (places.size >= LIMITS.subscriptionsPerSocket)
      throw new LogsError('RATE_LIMITED', `a connection may hold ${LIMITS.subscriptionsPerSocket} subscriptions`);
    const place = new Place();
    places.set(stream, place);
    this.#sockets.set(socket, places);
    return place;
  }

  async #release(socket: Socket, stream: StreamId): Promise<boolean> {
    const places = this.#sockets.get(socket);
    const place = places?.get(stream);
    if (!places?.delete(stream)) return false;
    await place?.close();
    return true;
  }

  #fill(place: Place, socket: Socket, tail: Tail, head: Head, wish: Wish, seat: Seat): Prepared {
    const { stream } = tail;
    const subscription = new Subscription(tail, seat, new Outlet(socket), {
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
