import { createHash } from 'node:crypto';

import type { StreamId } from '@kubidu/contracts';
import { Batch, LOST_ROOM, LogsError } from '@kubidu/core';
import type { Appended, AppendOptions } from '@kubidu/core';

import { firstOf } from './tables.ts';
import type { Meta, Tables } from './tables.ts';

/** Ids of a stream that are remembered. */
const IDS = 100_000;

/** What an append came to, and what there is to tell the watchers. */
export interface Done {
  readonly appended: Appended;
  readonly batch?: Batch;
}

/** What to append, where, and when. */
export interface ToAppend {
  readonly stream: StreamId;
  readonly lines: readonly string[];
  readonly options: AppendOptions;
  readonly maxBytes: number;
  readonly now: number;
}

/** Appends within the running transaction. Everything that can refuse comes before the first change. */
export function append(tables: Tables, { stream, lines, options, maxBytes, now }: ToAppend): Done {
  const { metas, batches, cursors } = tables;
  const { position, fence = 0, ids } = options;
  const meta = metas.get(stream) ?? newMeta(now);
  if (meta.ended) throw new LogsError('CONFLICT', `${stream}: the stream has ended`);
  if (options.fence !== undefined && fence < meta.fence)
    throw new LogsError('CONFLICT', `${stream}: a newer writer has taken over`);
  if (fence > meta.fence) {
    meta.fence = fence;
    metas.putSync(stream, meta);
  }
  raise(meta, options.floor ?? 0);
  const first = meta.last + 1;
  const nothing: Done = { appended: { first, last: meta.last, stored: 0 } };
  if (position) {
    const { source, writer, sequence, cursor } = position;
    const before = cursors.get([stream, source]);
    if (before?.writer === writer && before.sequence >= sequence) return nothing;
    cursors.putSync([stream, source], { writer, sequence, cursor });
  }
  const fresh = ids ? takeIds(tables, stream, meta, lines, ids) : lines;
  if (fresh.length > 0) {
    const text = fresh.join('\n');
    if (meta.last === 0) meta.createdAt = now;
    meta.last += fresh.length;
    meta.bytes += Buffer.byteLength(text);
    meta.lastAt = now;
    batches.putSync([stream, meta.last], `${now}\n${text}`);
    if (meta.bytes > maxBytes)
      dropOldest(tables, stream, meta, 'trimmed', (last) => meta.bytes > maxBytes && last < first);
  }
  metas.putSync(stream, meta);
  if (fresh.length === 0) return nothing;
  return { appended: { first, last: meta.last, stored: fresh.length }, batch: new Batch(first, fresh) };
}

/** Goes on beyond what was lost. */
function raise(meta: Meta, floor: number): void {
  if (meta.last >= floor) return;
  const isEmpty = meta.first > meta.last;
  meta.last = floor + LOST_ROOM;
  if (!isEmpty) return;
  meta.first = meta.last + 1;
  meta.gone = 'trimmed';
}

/** A stream that has nothing yet. */
export function newMeta(now: number): Meta {
  return { first: 1, last: 0, bytes: 0, fence: 0, createdAt: now, lastAt: now, ids: 0 };
}

/** Drops a stream's oldest batches, at most `limit`, for as long as `goes` says so; returns how many went. */
export function dropOldest(
  { batches }: Tables,
  stream: StreamId,
  meta: Meta,
  gone: NonNullable<Meta['gone']>,
  goes: (last: number, storedAt: number) => boolean,
  limit = Infinity,
): number {
  let dropped = 0;
  for (; dropped < limit; dropped++) {
    const oldest = firstOf(batches.getRange({ start: [stream, 0], end: [stream, Number.MAX_SAFE_INTEGER] }));
    const feed = oldest?.value.indexOf('\n') ?? 0;
    if (!oldest || !goes(oldest.key[1], Number(oldest.value.slice(0, feed)))) break;
    batches.removeSync(oldest.key);
    meta.bytes -= Buffer.byteLength(oldest.value) - feed - 1;
    meta.first = oldest.key[1] + 1;
    meta.gone = gone;
  }
  return dropped;
}

/** The lines whose id was not taken before; takes theirs. */
function takeIds(
  { ids: taken, idOrder }: Tables,
  stream: StreamId,
  meta: Meta,
  lines: readonly string[],
  ids: readonly string[],
): readonly string[] {
  const fresh = lines.filter((_, at) => {
    const id = keyOf(ids[at] ?? '');
    if (taken.doesExist([stream, id])) return false;
    taken.putSync([stream, id], meta.ids);
    idOrder.putSync([stream, meta.ids++], id);
    return true;
  });
  const oldest = firstOf(idOrder.getRange({ start: [stream, 0], end: [stream, meta.ids] }));
  for (let age = oldest?.key[1] ?? 0; age < meta.ids - IDS; age++) {
    const id = idOrder.get([stream, age]);
    idOrder.removeSync([stream, age]);
    if (id !== undefined) taken.removeSync([stream, id]);
  }
  return fresh;
}

/** A key of LMDB has less than 2 KB. */
function keyOf(id: string): string {
  return id.length <= 256 ? `=${id}` : `#${createHash('sha256').update(id).digest('base64')}`;
}
