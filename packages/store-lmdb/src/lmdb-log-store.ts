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

import { append, dropOldest, newMeta } from './append.ts';
import { readBatches } from './read-batches.ts';
import { headOf } from './tables.ts';
import type { Meta, Tables } from './tables.ts';
import { Watchers } from './watchers.ts';

/** How a store behaves. */
export interface LmdbLogStoreOptions {
  /** Bytes of one stream beyond which its oldest batches go. */
  readonly maxBytesPerStream: number;
}

/** Batches forgotten in one transaction: others wait for its end. */
const DROPPED_AT_ONCE = 64;

/**
 * The indexed log on disk, for one process. What was acknowledged survives the death of the process and of the machine.
 */
export class LmdbLogStore implements LogStore {
  readonly #tables: Tables;
  readonly #owned: AsyncDisposable;
  readonly #maxBytes: number;
  readonly #clock: Clock;
  readonly #watchers = new Watchers();
  #closing: Promise<void> | undefined;

  /** Owns the tables, and `owned`, which is disposed of after them. */
  constructor(tables: Tables, owned: AsyncDisposable, options: LmdbLogStoreOptions, clock: Clock = systemClock) {
    this.#tables = tables;
    this.#owned = owned;
    this.#maxBytes = options.maxBytesPerStream;
    this.#clock = clock;
  }

  append(stream: StreamId, lines: readonly string[], options: AppendOptions = {}): Promise<Appended> {
    return this.#write(stream, () => {
      if (lines.length === 0 || (options.ids && options.ids.length !== lines.length))
        throw new LogsError('INVALID_ARGUMENT', 'a batch has at least one line, and either an id for each or none');
      const toAppend = { stream, lines, options, maxBytes: this.#maxBytes, now: this.#clock.now() };
      const { appended, batch } = append(this.#tables, toAppend);
      return { result: appended, ...(batch && { wake: { batch } }) };
    });
  }

  async read(stream: StreamId, range: ReadRange): Promise<Page> {
    // Without a pause between them, both are of one moment.
    return this.#look(() => {
      const head = headOf(this.#tables.metas.get(stream));
      return pageOf(readBatches(this.#tables, stream, range), head, range);
    });
  }

  async head(stream: StreamId): Promise<Head> {
    return this.#look(() => headOf(this.#tables.metas.get(stream)));
  }

  end(stream: StreamId, outcome: Outcome): Promise<Head & { ended: Outcome }> {
    return this.#write(stream, () => {
      const { metas } = this.#tables;
      const now = this.#clock.now();
      const meta = metas.get(stream) ?? newMeta(now);
      if (meta.ended) return { result: { ...headOf(meta), ended: meta.ended } };
      const ended: Meta = { ...meta, ended: outcome, endedAt: now, lastAt: now };
      metas.putSync(stream, ended);
      return { result: { ...headOf(ended), ended: outcome }, wake: { ended: outcome } };
    });
  }

  async trim(stream: StreamId, { through = 0, storedBefore = 0, sources }: TrimRange): Promise<void> {
    if (sources) {
      const { cursors } = this.#tables;
      await this.#write(stream, () => {
        for (const source of sources) cursors.removeSync([stream, source]);
        return { result: undefined };
      });
      return;
    }
    for (let more = true; more;)
      more = await this.#write(stream, () => {
        const meta = this.#tables.metas.get(stream);
        if (!meta) return { result: false };
        const over = meta.endedAt !== undefined && meta.endedAt < storedBefore;
        const dropped = dropOldest(
          this.#tables,
          stream,
          meta,
          storedBefore > 0 ? 'expired' : 'trimmed',
          (last, storedAt) => over || last <= through || storedAt < storedBefore,
          DROPPED_AT_ONCE,
        );
        const result = dropped === DROPPED_AT_ONCE;
        if (over && !result) this.#forget(stream);
        else if (dropped > 0) this.#tables.metas.putSync(stream, meta);
        return { result };
      });
  }

  async watch(stream: StreamId, onWake: (wake: Wake) => void): Promise<Watch> {
    return this.#watchers.add(stream, onWake);
  }

  async list({ kind, prefix = '', after, limit }: ListRange): Promise<readonly StreamInfo[]> {
    return this.#look(() => {
      const found: StreamInfo[] = [];
      for (const each of kind ? [kind] : [...STREAM_KINDS].sort()) {
        const from: StreamId = `${each}:${prefix}`;
        const start = after && after > from ? after : from;
        for (const { key, value } of this.#tables.metas.getRange({ start })) {
          if (found.length >= limit || kindOf(key) !== each || !idOf(key).startsWith(prefix)) break;
          if (key !== after && (value.last > 0 || value.ended)) found.push(infoOf(key, value));
        }
      }
      return found;
    });
  }

  async cursors(stream: StreamId): Promise<ReadonlyMap<string, string>> {
    return this.#look(() => {
      const found = new Map<string, string>();
      for (const { key, value } of this.#tables.cursors.getRange({ start: [stream, ''] })) {
        if (key[0] !== stream) break;
        found.set(key[1], value.cursor);
      }
      return found;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.#tables.root.close();
    } finally {
      await this.#owned[Symbol.asyncDispose]();
    }
  }

  #forget(stream: StreamId): void {
    const { metas, cursors, ids, idOrder } = this.#tables;
    for (const key of keysOf(cursors.getKeys({ start: [stream, ''] }), stream)) cursors.removeSync(key);
    for (const key of keysOf(ids.getKeys({ start: [stream, ''] }), stream)) ids.removeSync(key);
    for (const key of keysOf(idOrder.getKeys({ start: [stream, 0] }), stream)) idOrder.removeSync(key);
    metas.removeSync(stream);
  }

  /** Runs `change` in a transaction; resolves, and wakes, once it is on disk. */
  async #write<T>(stream: StreamId, change: () => { result: T; wake?: Wake }): Promise<T> {
    if (this.#closing) throw closed();
    let refusal: unknown;
    let done: { result: T; wake?: Wake } | undefined;
    let told: (() => void) | undefined;
    try {
      await this.#tables.root.transaction(() => {
        try {
          done = change();
          if (done.wake) told = this.#watchers.queue(stream, done.wake);
        } catch (error) {
          // Thrown here, it would end what others do in the same transaction.
          refusal = error;
        }
      });
    } catch (cause) {
      throw new LogsError('UNAVAILABLE', 'the store on disk cannot be written', { cause });
    }
    if (!done) throw refusal;
    told?.();
    return done.result;
  }

  #look<T>(look: () => T): T {
    if (this.#closing) throw closed();
    return look();
  }
}

function closed(): LogsError {
  return new LogsError('UNAVAILABLE', 'the store is closed');
}

/** Those keys that are of this stream, which come first. */
function keysOf<T>(keys: Iterable<[StreamId, T]>, stream: StreamId): [StreamId, T][] {
  const found: [StreamId, T][] = [];
  for (const key of keys) {
    if (key[0] !== stream) break;
    found.push(key);
  }
  return found;
}

function infoOf(stream: StreamId, meta: Meta): StreamInfo {
  const { gone: _gone, ...head } = headOf(meta);
  const { bytes, createdAt, lastAt } = meta;
  const times = { createdAt: new Date(createdAt).toISOString(), lastAt: new Date(lastAt).toISOString() };
  return { stream, ...head, bytes, ...times };
}
