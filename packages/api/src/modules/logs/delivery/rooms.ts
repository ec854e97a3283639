import { LIMITS } from '@kubidu/contracts';
import { LogsError, QueryFilter } from '@kubidu/core';
import type { Tail } from '@kubidu/core';
import type { Query } from '@kubidu/query';

import { cpuUs } from './cpu-us.ts';
import { FORMS } from './form.ts';
import type { Form } from './form.ts';
import { Room } from './room.ts';
import type { RoomObserver } from './room.ts';

/** Is told what the rooms do. */
export interface RoomsObserver extends RoomObserver {
  /** Lines that a query was asked of, once for however many readers ask it. */
  scanned(lines: number): void;
}

/** A seat in a room, with the filter that all who ask the same share. `free` it when the subscription ends. */
export interface Seat {
  readonly room: Room;
  readonly filter: QueryFilter | undefined;
  readonly free: () => void;
}

/** Who asks the same query: their rooms, and the filter that is asked of each batch once for all of them. */
interface Askers {
  readonly filter: QueryFilter;
  readonly rooms: Record<Form, Room>;
  seats: number;
}

/** The rooms at the head of one stream: one for each form, and the same again for each query while somebody asks it. */
export class Rooms {
  readonly #tail: Tail;
  readonly #observer: RoomsObserver;
  readonly #all: Record<Form, Room>;
  readonly #askers = new Map<string, Askers>();

  constructor(tail: Tail, observer: RoomsObserver) {
    this.#tail = tail;
    this.#observer = observer;
    this.#all = this.#rooms();
  }

  /** @throws {LogsError} RATE_LIMITED beyond {@link LIMITS.queriesPerStream} */
  seat(form: Form, query: Query | undefined): Seat {
    if (!query) return { room: this.#all[form], filter: undefined, free: () => undefined };
    let askers = this.#askers.get(query.key);
    if (!askers) {
      if (this.#askers.size >= LIMITS.queriesPerStream)
        throw new LogsError(
          'RATE_LIMITED',
          `${LIMITS.queriesPerStream} queries are asked of ${this.#tail.stream} already`,
        );
      const filter = new QueryFilter(query, { onScan: (lines) => this.#observer.scanned(lines), cpuUs });
      askers = { filter, rooms: this.#rooms(filter), seats: 0 };
      this.#askers.set(query.key, askers);
    }
    const { filter, rooms } = askers;
    askers.seats++;
    return { room: rooms[form], filter, free: this.#once(query.key, askers) };
  }

  #rooms(filter?: QueryFilter): Record<Form, Room> {
    const rooms = FORMS.map((form) => [form, new Room(this.#tail, form, this.#observer, filter)] as const);
    return Object.fromEntries(rooms) as Record<Form, Room>;
  }

  #once(key: string, askers: Askers): () => void {
    let free = false;
    return () => {
      if (free) return;
      free = true;
      if (--askers.seats === 0) this.#askers.delete(key);
    };
  }
}
