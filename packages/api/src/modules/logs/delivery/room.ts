import { Excerpt, hasCode } from '@kubidu/core';
import type { Batch, QueryFilter, Tail, TailListener } from '@kubidu/core';
import type { Gap, Outcome } from '@kubidu/contracts';

import { encoderOf } from './encoder-of.ts';
import type { Encoder, Form } from './form.ts';
import type { Outlet } from './outlet.ts';

/** A reader at the head of a stream. */
export interface Member {
  readonly outlet: Outlet;
  /** Everything up to `cursor` was written. `why` it stays no longer: its client is slow, or something else comes next. */
  left(cursor: number): void;
}

/** Is told what a room does. */
export interface RoomObserver {
  delivered(lines: number): void;
  /** From the announcement of what was written to its being written. */
  lagged(ms: number): void;
}

/** Entries in one `logs`, characters in one write: what a browser takes without a pause. */
const PACKET_ENTRIES = 500;
const PACKET_SIZE = 1024 * 1024;
/** Longest that a busy room lets entries collect. */
const PAUSE_MS = 20;

/**
 * The readers at the head of one stream who want the same form and ask the same query, if any: what is appended is looked
 * at and encoded once and written to each.
 * After each round the room rests as long as the round took, and what comes meanwhile goes out together: so a room costs
 * half a core at most, however many sockets and lines there are, and an idle one does not wait at all.
 */
export class Room implements TailListener {
  readonly #tail: Tail;
  readonly encoder: Encoder;
  readonly #observer: RoomObserver;
  readonly #filter: QueryFilter | undefined;
  readonly #members = new Set<Member>();
  #detach: (() => void) | undefined;
  #pending: Batch[] = [];
  #timer: NodeJS.Timeout | undefined;
  #pendingSince = 0;
  #restUntil = 0;
  #position = 0;

  constructor(tail: Tail, form: Form, observer: RoomObserver, filter?: QueryFilter) {
    this.#tail = tail;
    this.encoder = encoderOf(form, tail.stream);
    this.#observer = observer;
    this.#filter = filter;
  }

  get size(): number {
    return this.#members.size;
  }

  /** Takes in a reader that has everything up to `tail.last`. */
  join(member: Member): void {
    this.#flush(); // the others get what it has already
    this.#position = this.#tail.last;
    this.#detach ??= this.#tail.attach(this);
    this.#members.add(member);
  }

  /** Lets a reader go; tells it nothing. */
  leave(member: Member): void {
    if (!this.#members.delete(member) || this.#members.size > 0) return;
    this.#detach?.();
    this.#detach = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pending = [];
  }

  batch(batch: Batch): void {
    const now = performance.now();
    if (this.#pending.push(batch) === 1) this.#pendingSince = now;
    if (this.#timer) return;
    const wait = this.#restUntil - now;
    if (wait <= 0) this.#flush();
    else this.#timer = setTimeout(() => this.#flush(), wait);
  }

  /** A gap is told by each reader itself, on its way through history. */
  gap(_gap: Gap): void {
    this.#dismiss();
  }

  /** So is the end. */
  end(_outcome: Outcome): void {
    this.#dismiss();
  }

  #dismiss(): void {
    this.#flush();
    this.#expelAll();
  }

  #expelAll(): void {
    for (const member of [...this.#members]) this.#expel(member);
  }

  #expel(member: Member): void {
    this.leave(member);
    member.left(this.#position);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.length === 0) return;
    const started = performance.now();
    const pending = this.#pending;
    this.#pending = [];
    const excerpts = this.#select(pending);
    if (!excerpts) return this.#expelAll();
    for (const excerpt of excerpts) this.#write(excerpt);
    this.#position = pending.at(-1)?.last ?? this.#position;
    const ended = performance.now();
    if (excerpts.length > 0) this.#observer.lagged(ended - this.#pendingSince);
    this.#restUntil = ended + Math.min(ended - started, PAUSE_MS);
  }

  /** What is written of these; undefined where the query costs too much, which each reader meets on its walk and tells. */
  #select(batches: readonly Batch[]): readonly Excerpt[] | undefined {
    const filter = this.#filter;
    if (!filter) return packed(batches.map((batch) => Excerpt.of(batch)));
    try {
      return packed(batches.map((batch) => filter.select(batch)));
    } catch (error) {
      if (hasCode(error, 'INVALID_ARGUMENT')) return undefined;
      throw error;
    }
  }

  #write(excerpt: Excerpt): void {
    const packets = this.encoder.entries(excerpt);
    this.#position = excerpt.indexes.at(-1) ?? this.#position;
    this.#observer.delivered(excerpt.lines.length * this.#members.size);
    for (const member of this.#members) {
      member.outlet.write(packets);
      if (member.outlet.slow) this.#expel(member);
    }
  }
}

/** The same entries in as few excerpts as fit a packet. */
export function packed(excerpts: readonly Excerpt[]): readonly Excerpt[] {
  // Mostly it is one, and fits.
  if (excerpts.length === 1 && excerpts.every(isPacket)) return excerpts;
  const out: Excerpt[] = [];
  let indexes: number[] = [];
  let lines: string[] = [];
  let size = 0;
  const close = () => {
    if (lines.length > 0) out.push(new Excerpt(indexes, lines));
    indexes = [];
    lines = [];
    size = 0;
  };
  for (const excerpt of excerpts) {
    for (let at = 0; at < excerpt.lines.length; at++) {
      const line = excerpt.lines[at] as string;
      if (lines.length >= PACKET_ENTRIES || (size > 0 && size + line.length > PACKET_SIZE)) close();
      indexes.push(excerpt.indexes[at] ?? 0);
      lines.push(line);
      size += line.length;
    }
  }
  close();
  return out;
}

function isPacket({ lines }: Excerpt): boolean {
  let size = 0;
  for (const line of lines) size += line.length;
  return lines.length > 0 && lines.length <= PACKET_ENTRIES && size <= PACKET_SIZE;
}
