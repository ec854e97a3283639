import type { StreamId } from '@kubidu/contracts';
import { Batch, systemClock } from '@kubidu/core';
import type { Clock, Wake, Watch } from '@kubidu/core';

import type { Connection } from './connection.ts';
import { channelOf, keysOf, streamOfChannel } from './keys.ts';
import type { Seen } from './seen-indexes.ts';
import { pauseBefore } from './connection.ts';
import { Subscriber } from './subscriber.ts';

/** Streams looked at together after a connection was lost. */
const STREAMS_AT_ONCE = 500;

const LINE_FEED = 10;

/** In a cluster a message can also be lost between two nodes, unnoticed: so all streams are looked at now and then. */
const CLUSTER_LOOK_MS = 15_000;

interface Watched {
  readonly stream: StreamId;
  readonly seen: Seen;
  readonly listeners: Set<(wake: Wake) => void>;
  subscribed: Promise<void>;
  /** Index up to which the listeners were woken; -1 where that is not known. */
  woken: number;
  endTold: boolean;
}

/** Who wants to know of what is stored where. */
export class Watches implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #subscriber: Subscriber;
  readonly #watched = new Map<StreamId, Watched>();
  readonly #stop = new AbortController();
  readonly #clock: Clock;
  readonly #looks: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #lookAgain = false;

  constructor(connection: Connection, clock: Clock = systemClock) {
    this.#connection = connection;
    this.#clock = clock;
    this.#subscriber = new Subscriber({
      connect: () => connection.subscriber(),
      onMessage: (channel, message) => this.#message(streamOfChannel(channel), message),
      onBack: () => this.look(),
    });
    if (connection.isCluster) this.#looks = setInterval(() => this.look(), CLUSTER_LOOK_MS).unref();
  }

  /** What was seen of a watched stream. */
  seenOf(stream: StreamId): Seen | undefined {
    return this.#watched.get(stream)?.seen;
  }

  /** Resolves once `onWake` is called for what is stored. @throws {LogsError} UNAVAILABLE */
  async add(stream: StreamId, seen: Seen, onWake: (wake: Wake) => void): Promise<Watch> {
    let watched = this.#watched.get(stream);
    if (!watched) {
      const subscribed = this.#subscriber.subscribe(channelOf(stream));
      watched = { stream, seen, listeners: new Set(), subscribed, woken: -1, endTold: false };
      this.#watched.set(stream, watched);
    }
    const own = (wake: Wake) => onWake(wake);
    watched.listeners.add(own);
    const remove = () => this.#remove(watched, own);
    try {
      await watched.subscribed;
    } catch (error) {
      remove();
      throw error;
    }
    return { [Symbol.asyncDispose]: () => Promise.resolve(remove()) };
  }

  /**
   * What this process stored is told at once, from the text it has: what is published of it then needs no decoding. Only
   * where it follows what was told before: else what others stored in between is on its way, and comes first.
   */
  stored(stream: StreamId, { first, last }: { first: number; last: number }, text: string): void {
    const watched = this.#watched.get(stream);
    if (!watched || first !== watched.woken + 1) return;
    watched.woken = last;
    // Cut from the text, not as the lines came: those may be pieces that keep what they were made of.
    wake(watched, { batch: new Batch(first, text.split('\n')) });
  }

  /** Looks at every watched stream, and wakes those that are not where their listeners were told. */
  look(): void {
    this.#lookAgain = true;
    this.#looking ??= this.#lookUntilDone();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('closed'));
    clearInterval(this.#looks);
    await this.#subscriber[Symbol.asyncDispose]();
    await this.#looking;
    this.#watched.clear();
  }

  #remove(watched: Watched, own: (wake: Wake) => void): void {
    if (!watched.listeners.delete(own) || watched.listeners.size > 0) return;
    if (this.#watched.get(watched.stream) !== watched) return;
    this.#watched.delete(watched.stream);
    this.#subscriber.unsubscribe(channelOf(watched.stream));
  }

  /** `<first> <last>`, `end` or `raised <last>`; then, after a line feed, the lines or the outcome. */
  #message(stream: StreamId, message: Buffer): void {
    const watched = this.#watched.get(stream);
    if (!watched) return;
    const feed = message.indexOf(LINE_FEED);
    const [what = '', last] = message.toString('latin1', 0, feed).split(' ');
    if (Number(last) <= watched.woken) return;
    const text = message.toString('utf8', feed + 1);
    if (what === 'end') {
      watched.endTold = true;
      watched.seen.ended = true;
      wake(watched, { ended: JSON.parse(text) as NonNullable<Wake['ended']> });
      return;
    }
    watched.woken = Number(last);
    watched.seen.last = Math.max(watched.seen.last, watched.woken);
    wake(watched, what === 'raised' ? {} : { batch: new Batch(Number(what), text.split('\n')) });
  }

  /** Never rejects. */
  async #lookUntilDone(): Promise<void> {
    for (let attempt = 1; this.#lookAgain && !this.#stop.signal.aborted;) {
      this.#lookAgain = false;
      try {
        await this.#lookAtAll();
        attempt = 1;
      } catch {
        // Away again, or one node of a cluster still is.
        this.#lookAgain = true;
        await this.#clock.sleep(pauseBefore(++attempt), this.#stop.signal).catch(() => undefined);
      }
    }
    this.#looking = undefined;
  }

  async #lookAtAll(): Promise<void> {
    const all = [...this.#watched.values()];
    for (let at = 0; at < all.length; at += STREAMS_AT_ONCE) {
      await Promise.all(all.slice(at, at + STREAMS_AT_ONCE).map((watched) => this.#lookAt(watched)));
      this.#stop.signal.throwIfAborted();
    }
  }

  async #lookAt(watched: Watched): Promise<void> {
    const { stream, seen } = watched;
    const { entries, meta } = keysOf(stream);
    const before = watched.woken;
    const floor = seen.ended ? 0 : seen.last;
    const [last, ended] = (await this.#connection.lua('raise-2', entries, meta, floor, channelOf(stream))) as [
      number,
      number,
    ];
    seen.last = Math.max(seen.last, last);
    if (ended === 1) seen.ended = true;
    // What was published while this look was under way has told the listeners already.
    const told = Math.max(before, watched.woken);
    if (last === told && (ended === 0 || watched.endTold)) return;
    watched.woken = Math.max(told, last);
    wake(watched, {});
  }
}

function wake({ listeners }: Watched, what: Wake): void {
  for (const listener of listeners) listener(what);
}
