import type { StreamInfo, StreamKind } from '@kubidu/contracts';
import { streamId } from '@kubidu/contracts';

import type { Connection } from './connection.ts';
import { headOf, META_HEAD } from './head.ts';
import type { MetaHead } from './head.ts';
import { indexOf, keysOf } from './keys.ts';

/** Streams of one kind. */
export interface KindRange {
  readonly kind: StreamKind;
  readonly prefix?: string;
  /** An id; '' for the beginning. */
  readonly after: string;
  readonly limit: number;
}

/** Streams of one kind in the order of their ids; those that do not exist yet are left out. */
export async function listStreams(
  connection: Connection,
  { kind, prefix = '', after, limit }: KindRange,
): Promise<StreamInfo[]> {
  const found: StreamInfo[] = [];
  // Ids are ASCII, so DEL is above all of them.
  const to = `(${prefix}\x7f`;
  let from = after >= prefix && after !== '' ? `(${after}` : `[${prefix}`;
  while (found.length < limit) {
    const room = limit - found.length;
    const ids = await connection.run((client) => client.zrangebylex(indexOf(kind), from, to, 'LIMIT', 0, room));
    const infos = await Promise.all(ids.map((id) => infoOf(connection, kind, id)));
    found.push(...infos.filter((info) => info !== undefined));
    if (ids.length < room) break;
    from = `(${ids.at(-1)}`;
  }
  return found;
}

async function infoOf(connection: Connection, kind: StreamKind, id: string): Promise<StreamInfo | undefined> {
  const stream = streamId(kind, id);
  if (!stream) return undefined;
  const fields = [...META_HEAD, 'bytes', 'createdAt', 'lastAt'];
  const meta = await connection.run((client) => client.hmget(keysOf(stream).meta, ...fields));
  const [bytes, createdAt, lastAt] = meta.slice(META_HEAD.length).map(Number) as [number, number, number];
  const { gone: _gone, ...head } = headOf(meta.slice(0, META_HEAD.length) as unknown as MetaHead);
  if (head.lastIndex === 0 && !head.ended) return undefined;
  return {
    stream,
    ...head,
    bytes,
    createdAt: new Date(createdAt).toISOString(),
    lastAt: new Date(lastAt).toISOString(),
  };
}
