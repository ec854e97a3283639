import type { StreamId } from '@kubidu/contracts';

import type { Batch } from '../batch.ts';
import type { LogStore } from '../log-store.ts';

/** Characters of entries that make an object. */
const OBJECT_SIZE = 16 * 1024 * 1024;
/** Read at a time; an archive takes a thousand in about 20 ms. */
const PAGE_ENTRIES = 2_000;

/**
 * The next entries of a stream, without a hole between them, as many as make an object: batch by batch, read from the store
 * while they are taken. Can be walked once.
 */
export class NextObject implements AsyncIterable<Batch> {
  readonly #store: LogStore;
  readonly #stream: StreamId;
  readonly #after: number;
  #first: number | undefined;
  #expired = false;

  /** @param after index behind which it begins */
  constructor(store: LogStore, stream: StreamId, after: number) {
    this.#store = store;
    this.#stream = stream;
    this.#after = after;
  }

  /** Index of its first entry, once that was taken; undefined where there is none. */
  get first(): number | undefined {
    return this.#first;
  }

  /** Whether what is missing in front of it grew too old, rather than being lost. */
  get expired(): boolean {
    return this.#expired;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch> {
    let after = this.#after;
    for (let size = 0; size < OBJECT_SIZE;) {
      const page = await this.#store.read(this.#stream, { after, limit: PAGE_ENTRIES });
      if (after === this.#after) this.#expired = page.gaps[0]?.reason === 'expired';
      for (const batch of page.batches) {
        if (this.#first !== undefined && batch.first !== after + 1) return;
        this.#first ??= batch.first;
        size += batch.size;
        after = batch.last;
        yield batch;
      }
      if (page.batches.length === 0 || after >= page.lastIndex) return;
    }
  }
}
