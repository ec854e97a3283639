import type { StreamId } from '@kubidu/contracts';
import { Batch, PAGE_SIZE } from '@kubidu/core';
import type { Head, ReadRange } from '@kubidu/core';

import type { Connection } from './connection.ts';
import { headOf, META_HEAD } from './head.ts';
import type { MetaHead } from './head.ts';
import { keysOf } from './keys.ts';
import type { Seen } from './seen-indexes.ts';

/** Most items of one command. */
const ITEMS = 1_024;

/** Items to begin with where nothing is known of their size. */
const FIRST_ITEMS = 4;

type Item = readonly [id: string, fields: readonly [b: string, text: string, ...rest: string[]]];

/** What was read: batches that reach as far as the range asks, and the head as it was with the last of them. */
export interface Items {
  readonly head: Head;
  readonly batches: readonly Batch[];
}

/**
 * Reads the batches of a range. An item's id is the index of its last entry, so the batch that holds index n is the first
 * with id >= n. Items and head come from one transaction, so that no append or trim between them looks like a hole.
 */
export async function readItems(
  connection: Connection,
  stream: StreamId,
  range: ReadRange,
  seen: Seen,
): Promise<Items> {
  const forward = range.after !== undefined;
  const batches: Batch[] = [];
  let { linesEach, sizeEach } = seen;
  let lines = 0;
  let size = 0;
  // Forward: the next index wanted. Backward: the last index wanted.
  let next = forward ? range.after + 1 : range.before - 1;
  for (;;) {
    const guess = linesEach === 0 ? FIRST_ITEMS : Math.ceil((range.limit - lines) / linesEach) + 1;
    const fits = sizeEach === 0 ? guess : Math.ceil((PAGE_SIZE - size) / sizeEach) + 1;
    const count = Math.max(1, Math.min(guess, fits, ITEMS));
    const { head, items } = await readOnce(connection, stream, { forward, next, count });
    for (const [id, [, text]] of items.found) {
      const batch = batchOf(id, text);
      const wanted = forward ? batch.slice(next - 1) : batch.slice(0, next);
      // Backward, where what ends at `next` is gone, what is found there lies behind it and was read before.
      if (!wanted) continue;
      batches.push(batch);
      next = forward ? batch.last + 1 : batch.first - 1;
      lines += wanted.lines.length;
      for (const line of wanted.lines) size += line.length;
      if (lines >= range.limit || size >= PAGE_SIZE) break;
    }
    if (items.atEnd || lines >= range.limit || size >= PAGE_SIZE) {
      if (!forward) batches.reverse();
      return { head, batches };
    }
    linesEach = lines / batches.length;
    sizeEach = size / batches.length;
  }
}

interface Once {
  readonly forward: boolean;
  readonly next: number;
  readonly count: number;
}

async function readOnce(connection: Connection, stream: StreamId, { forward, next, count }: Once) {
  const { entries, meta } = keysOf(stream);
  return connection.run(async (client) => {
    const transaction = client.multi().hmget(meta, ...META_HEAD);
    if (forward) transaction.xrange(entries, next, '+', 'COUNT', count);
    else {
      transaction.xrange(entries, Math.max(next, 1), '+', 'COUNT', 1);
      transaction.xrevrange(entries, Math.max(next - 1, 0), '-', 'COUNT', count);
    }
    const answers = (await transaction.exec()) ?? [];
    const [head, found = [], before = []] = answers.map(([error, answer]) => {
      if (error) throw error;
      return answer as readonly Item[];
    });
    const items = forward || next < 1 ? (forward ? found : []) : [...found, ...before];
    const atEnd = forward ? found.length < count : next < 1 || before.length < count;
    return { head: headOf(head as unknown as MetaHead), items: { found: items, atEnd } };
  });
}

function batchOf(id: string, text: string): Batch {
  const lines = text.split('\n');
  return new Batch(Number(id.slice(0, id.indexOf('-'))) - lines.length + 1, lines);
}
