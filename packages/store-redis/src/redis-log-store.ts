import { idOf, kindOf, STREAM_KINDS } from '@kubidu/contracts';
import type { Outcome, StreamId, StreamInfo } from '@kubidu/contracts';
import { LogsError, pageOf, systemClock } from '@kubidu/core';
import type {
  Appended,
  AppendOptions,
  Clock,
  Head,
  ListRange,
  LogStore,
  Page,
  ReadRange,
  TrimRange,
  Wake,
  Watch,
} from '@kubidu/core';

import type { Connection } from './connection.ts';
import { headOf, META_HEAD } from './head.ts';
import type { MetaHead } from './head.ts';
import { channelOf, indexOf, keysOf } from './keys.ts';
import { readItems } from './read-items.ts';
import { SeenIndexes } from './seen-indexes.ts';
import type { Seen } from './seen-indexes.ts';
import { listStreams } from './list-streams.ts';
import { Watches } from './watches.ts';

/** How a store behaves. */
export interface RedisLogStoreOptions {
  /** Bytes of one stream beyond which its oldest batches go. */
  readonly maxBytesPerStream: number;
}

/**
 * How long after a lost connection a stream that did not pass through this process yet takes no append, in milliseconds:
 * if Redis lost its data, other processes know how far the stream had come, and are back within this time to say so.
 */
const SETTLE_MS = 1_500;

/** Sources forgotten by one command. */
const FORGOTTEN_AT_ONCE = 1_000;

/** Lua's answers that are refusals. */
const REFUSALS: Record<number, string> = {
  [-1]: 'the stream has ended',
  [-2]: 'a newer writer has taken over',
};

/**
 * The indexed log in Redis. What Redis acknowledged may still be lost with it (a restart without its file, a failover):
 * the store then goes on beyond every index that passed through this process, so that none is given twice.
 */
export class RedisLogStore implements LogStore {
  readonly #connection: Connection;
  readonly #maxBytes: number;
  readonly #clock: Clock;
  readonly #seen = new SeenIndexes();
  readonly #watches: Watches;

  #settledAt = 0;

  /** The connection stays its owner's. */
  constructor(connection: Connection, options: RedisLogStoreOptions, clock: Clock = systemClock) {
    this.#connection = connection;
    this.#maxBytes = options.maxBytesPerStream;
    this.#clock = clock;
    this.#watches = new Watches(connection, clock);
    connection.onBack(() => {
      // Whatever was away may have come back without its data.
      this.#settledAt = clock.now() + SETTLE_MS;
      this.#seen.unlist();
      this.#watches.look();
    });
  }

  async append(stream: StreamId, lines: readonly string[], options: AppendOptions = {}): Promise<Appended> {
    const { position, fence = '', ids = [], floor = 0 } = options;
    if (lines.length === 0 || (options.ids && ids.length !== lines.length))
      throw new LogsError('INVALID_ARGUMENT', 'a batch has at least one line, and either an id for each or none');
    const seen = this.#seenOf(stream);
    if (seen.last === 0 && this.#clock.now() < this.#settledAt)
      throw new LogsError('UNAVAILABLE', 'Redis is only just back');
    await this.#list(stream, seen);
    const keys = keysOf(stream);
    const text = lines.join('\n');
    const answer = await this.#connection.lua(
      'append-5',
      ...[keys.entries, keys.meta, keys.cursors, keys.ids, keys.batches, lines.length, text],
      ...(position
        ? [position.source, JSON.stringify(position.writer), position.sequence, position.cursor]
        : ['', '', '', '']),
      ...[fence, Math.max(seen.last, floor), this.#maxBytes, channelOf(stream)],
      kindOf(stream) === 'build' ? idOf(stream) : '',
      ...ids,
    );
    if (!Array.isArray(answer))
      throw new LogsError('CONFLICT', `${stream}: ${REFUSALS[answer as number] ?? 'refused'}`);
    const [first, last, stored] = answer as [number, number, number];
    seen.last = Math.max(seen.last, last);
    seen.ended = false;
    measure(seen, lines.length, text.length);
    if (stored === lines.length) this.#watches.stored(stream, { first, last }, text);
    return { first, last, stored };
  }

  async read(stream: StreamId, range: ReadRange): Promise<Page> {
    const seen = this.#seenOf(stream);
    for (;;) {
      const { head, batches } = await readItems(this.#connection, stream, range, seen);
      if (await this.#isBehind(stream, head, seen)) continue;
      for (const { lines } of batches) measure(seen, lines.length, lines.length * (lines[0]?.length ?? 0));
      return pageOf(batches, head, range);
    }
  }

  async head(stream: StreamId): Promise<Head> {
    const seen = this.#seenOf(stream);
    for (;;) {
      const meta = await this.#connection.run((client) => client.hmget(keysOf(stream).meta, ...META_HEAD));
      const head = headOf(meta as unknown as MetaHead);
      if (!(await this.#isBehind(stream, head, seen))) return head;
    }
  }

  async end(stream: StreamId, outcome: Outcome): Promise<Head & { ended: Outcome }> {
    const seen = this.#seenOf(stream);
    await this.#list(stream, seen);
    const answer = await this.#connection.lua('end-1', keysOf(stream).meta, JSON.stringify(outcome), channelOf(stream));
    const head = headOf(answer as MetaHead);
    const ended = head.ended ?? outcome;
    if (!(await this.#isBehind(stream, head, seen))) return { ...head, ended };
    return { ...(await this.head(stream)), ended };
  }

  async trim(stream: StreamId, { through = 0, storedBefore = 0, sources }: TrimRange): Promise<void> {
    const { entries, meta, cursors, ids, batches } = keysOf(stream);
    if (sources) {
      // Some at a time, so that nobody waits long.
      for (let at = 0; at < sources.length; at += FORGOTTEN_AT_ONCE)
        await this.#connection.run((client) => client.hdel(cursors, ...sources.slice(at, at + FORGOTTEN_AT_ONCE)));
      return;
    }
    const keys = [entries, meta, cursors, ids, batches];
    for (;;) {
      const left = await this.#connection.lua('trim-5', ...keys, through, storedBefore);
      if (left === 2) {
        this.#seenOf(stream).ended = true;
        await this.#connection.run((client) => client.zrem(indexOf(kindOf(stream)), idOf(stream)));
        this.#seenOf(stream).listed = false;
      }
      if (left !== 1) return;
    }
  }

  watch(stream: StreamId, onWake: (wake: Wake) => void): Promise<Watch> {
    return this.#watches.add(stream, this.#seenOf(stream), onWake);
  }

  async list(range: ListRange): Promise<readonly StreamInfo[]> {
    const found: StreamInfo[] = [];
    // The order of names is the order of kinds, then of ids.
    for (const kind of [...STREAM_KINDS].sort()) {
      if ((range.kind && range.kind !== kind) || found.length >= range.limit) continue;
      if (range.after && kindOf(range.after) > kind) continue;
      const after = range.after && kindOf(range.after) === kind ? idOf(range.after) : '';
      found.push(
        ...(await listStreams(this.#connection, { ...range, kind, after, limit: range.limit - found.length })),
      );
    }
    return found;
  }

  async cursors(stream: StreamId): Promise<ReadonlyMap<string, string>> {
    const all = await this.#connection.run((client) => client.hgetall(keysOf(stream).cursors));
    return new Map(
      Object.entries(all).map(([source, value]) => {
        const writer = value.indexOf('\n') + 1;
        return [source, value.slice(value.indexOf('\n', writer) + 1)];
      }),
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#watches[Symbol.asyncDispose]();
  }

  #seenOf(stream: StreamId): Seen {
    return this.#watches.seenOf(stream) ?? this.#seen.of(stream);
  }

  /** Puts a stream into the list, before it exists: so none exists that is not in the list. */
  async #list(stream: StreamId, seen: Seen): Promise<void> {
    if (seen.listed) return;
    await this.#connection.run((client) => client.zadd(indexOf(kindOf(stream)), 0, idOf(stream)));
    seen.listed = true;
  }

  /** Whether the stream stopped before what this process has seen; it then was made to go on beyond it. */
  async #isBehind(stream: StreamId, head: Head, seen: Seen): Promise<boolean> {
    const behind = head.lastIndex < seen.last && !seen.ended;
    if (behind) {
      const { entries, meta } = keysOf(stream);
      seen.listed = false;
      await this.#list(stream, seen);
      await this.#connection.lua('raise-2', entries, meta, seen.last, channelOf(stream));
    }
    seen.last = Math.max(seen.last, head.lastIndex);
    if (head.ended) seen.ended = true;
    return behind;
  }
}

/** Takes note of how large this stream's batches are. */
function measure(seen: Seen, lines: number, size: number): void {
  seen.linesEach += (lines - seen.linesEach) / (seen.linesEach === 0 ? 1 : 8);
  seen.sizeEach += (size - seen.sizeEach) / (seen.sizeEach === 0 ? 1 : 8);
}
