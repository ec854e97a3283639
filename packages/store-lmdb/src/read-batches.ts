import type { StreamId } from '@kubidu/contracts';
import { Batch, PAGE_SIZE } from '@kubidu/core';
import type { ReadRange } from '@kubidu/core';

import { firstOf } from './tables.ts';
import type { Tables } from './tables.ts';

/** The batches that a page of this range is cut from, ascending. */
export function readBatches({ batches }: Tables, stream: StreamId, range: ReadRange): Batch[] {
  const found: Batch[] = [];
  let lines = 0;
  let size = 0;
  const isFull = ({ key, value }: { key: [StreamId, number]; value: string }): boolean => {
    const batch = batchOf(key[1], value);
    found.push(batch);
    const wanted = range.after === undefined ? batch.slice(0, range.before - 1) : batch.slice(range.after);
    lines += wanted?.lines.length ?? 0;
    for (const line of wanted?.lines ?? []) size += line.length;
    return lines >= range.limit || size >= PAGE_SIZE;
  };
  const end: [StreamId, number] = [stream, Number.MAX_SAFE_INTEGER];
  if (range.after !== undefined) {
    for (const item of batches.getRange({ start: [stream, range.after + 1], end })) if (isFull(item)) break;
    return found;
  }
  if (range.before <= 1) return found;
  // The batch that holds the last index wanted, then those before it.
  const newest = firstOf(batches.getRange({ start: [stream, range.before - 1], end }));
  if (newest && isFull(newest)) return found;
  const start: [StreamId, number] = [stream, range.before - 2];
  for (const item of batches.getRange({ start, end: [stream, 0], reverse: true })) if (isFull(item)) break;
  return found.reverse();
}

function batchOf(last: number, value: string): Batch {
  const lines = value.slice(value.indexOf('\n') + 1).split('\n');
  return new Batch(last - lines.length + 1, lines);
}
