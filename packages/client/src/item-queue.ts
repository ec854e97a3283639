import type { LogEntry } from '@kubidu/contracts';

import type { SubscriptionItem } from './subscription-item.ts';

/** Most entries that are put together into one item while the reader is busy. */
const MERGE = 2_000;

/** Bytes an entry takes besides its message; an estimate, since JavaScript does not tell. */
const OVERHEAD = 300;

/**
 * What came and was not read yet, in order. It counts what it holds; its owner decides when that is too much. Batches
 * that wait are put together, so a reader that lags gets larger ones; of several notices of one kind in a row only the
 * last is kept, so that an outage of days does not grow the queue.
 */
export class ItemQueue {
  #items: SubscriptionItem[] = [];
  #entries = 0;
  #bytes = 0;

  /** Entries that wait. */
  get entries(): number {
    return this.#entries;
  }

  /** Bytes of the entries that wait, estimated. */
  get bytes(): number {
    return this.#bytes;
  }

  get empty(): boolean {
    return this.#items.length === 0;
  }

  push(item: SubscriptionItem): void {
    if (item.type === 'entries') return this.#pushEntries(item.entries);
    const tail = this.#items.at(-1);
    if (tail !== undefined && replaces(item, tail)) this.#items.pop();
    this.#items.push(item);
  }

  /** Takes the oldest item. */
  shift(): SubscriptionItem | undefined {
    const item = this.#items.shift();
    if (item?.type === 'entries') {
      this.#entries -= item.entries.length;
      this.#bytes -= bytesOf(item.entries);
    }
    return item;
  }

  /** Forgets what waits. */
  clear(): void {
    this.#items = [];
    this.#entries = 0;
    this.#bytes = 0;
  }

  #pushEntries(entries: LogEntry[]): void {
    this.#entries += entries.length;
    this.#bytes += bytesOf(entries);
    const tail = this.#items.at(-1);
    if (tail?.type === 'entries' && tail.entries.length + entries.length <= MERGE) tail.entries.push(...entries);
    else this.#items.push({ type: 'entries', entries });
  }
}

function replaces(item: SubscriptionItem, tail: SubscriptionItem): boolean {
  return item.type === tail.type && (item.type === 'reconnecting' || item.type === 'sources');
}

function bytesOf(entries: readonly LogEntry[]): number {
  let bytes = entries.length * OVERHEAD;
  for (const entry of entries) bytes += entry.message.length;
  return bytes;
}
