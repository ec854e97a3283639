import type { LogEntry } from '@kubidu/contracts';

import { FacetCounts } from './facet-counts.ts';
import { IndexRanges } from './index-ranges.ts';
import type { IndexRange } from './index-ranges.ts';

/** Entries that come and go together. */
export const BLOCK = 256;

/** What an entry takes besides its message, estimated: JavaScript does not tell. */
const OVERHEAD = 320;

export interface EntryCacheOptions {
  /** Most entries kept; default 150,000. Beyond that the blocks looked at longest ago are dropped. */
  readonly maxEntries?: number;
  /** Most bytes kept, estimated; default 96 MiB. */
  readonly maxBytes?: number;
}

interface Block {
  readonly number: number;
  readonly entries: (LogEntry | undefined)[];
  held: number;
  bytes: number;
  /** When it was looked at last, in steps of the cache's own. */
  used: number;
}

/**
 * The entries of one stream that are at hand. An index is an entry's place for ever, so what is dropped can be read
 * again and will be the same: dropping loses nothing. Blocks are dropped as a whole, those looked at longest ago first.
 */
export class EntryCache {
  /** Of what is held now. */
  readonly counts = new FacetCounts();
  readonly #blocks = new Map<number, Block>();
  /** Names that many entries share are kept once. */
  readonly #names = new Map<string, string>();
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #size = 0;
  #bytes = 0;
  #step = 0;

  constructor({ maxEntries = 150_000, maxBytes = 96 * 1024 * 1024 }: EntryCacheOptions = {}) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  /** Entries held. */
  get size(): number {
    return this.#size;
  }

  /** Their bytes, estimated. */
  get bytes(): number {
    return this.#bytes;
  }

  get(index: number): LogEntry | undefined {
    return this.#blocks.get(blockOf(index))?.entries[(index - 1) % BLOCK];
  }

  /** Keeps entries in any order; returns those that were not held. Those just given are never the ones dropped for them. */
  put(entries: readonly LogEntry[]): LogEntry[] {
    const fresh: LogEntry[] = [];
    this.#step++;
    for (const entry of entries) {
      const block = this.#block(blockOf(entry.index));
      block.used = this.#step;
      const place = (entry.index - 1) % BLOCK;
      if (block.entries[place] !== undefined) continue;
      const kept = this.#shared(entry);
      block.entries[place] = kept;
      this.#account(block, kept, 1);
      fresh.push(kept);
    }
    if (this.#full) this.#drop();
    return fresh;
  }

  /** Says that these are being looked at, so that they are not dropped before others. */
  touch({ from, to }: IndexRange): void {
    this.#step++;
    for (let number = blockOf(from); number <= blockOf(to); number++) {
      const block = this.#blocks.get(number);
      if (block !== undefined) block.used = this.#step;
    }
  }

  /** What of a range is not held, ascending. */
  absent({ from, to }: IndexRange): IndexRange[] {
    const found = new IndexRanges();
    for (let number = blockOf(from); number <= blockOf(to); number++) {
      const first = Math.max(from, number * BLOCK + 1);
      const last = Math.min(to, (number + 1) * BLOCK);
      const block = this.#blocks.get(number);
      if (block === undefined) found.add(first, last);
      else if (block.held < BLOCK) for (const index of holesOf(block, first, last)) found.add(index, index);
    }
    return [...found.all];
  }

  /** The blocks, those nearest to `index` first; each a list of the entries that are held of it, ascending. */
  *nearest(index: number): Generator<LogEntry[]> {
    const here = blockOf(index);
    const numbers = [...this.#blocks.keys()].sort((a, b) => Math.abs(a - here) - Math.abs(b - here));
    for (const number of numbers) {
      const block = this.#blocks.get(number);
      if (block !== undefined) yield block.entries.filter((entry) => entry !== undefined);
    }
  }

  /** Stretches that are held, ascending, each by its first and last entry; not single entries, as a search brings them. */
  stretches(): (readonly [first: LogEntry, last: LogEntry])[] {
    const newest = Math.max(...this.#blocks.keys());
    const found: [LogEntry, LogEntry][] = [];
    const large = [...this.#blocks.values()].filter(({ number, held }) => held * 2 >= BLOCK || number === newest);
    for (const { entries } of large.sort((a, b) => a.number - b.number)) {
      const first = entries.find((entry) => entry !== undefined);
      const last = entries.findLast((entry) => entry !== undefined);
      if (first === undefined || last === undefined) continue;
      const before = found.at(-1);
      if (before !== undefined && before[1].index === first.index - 1) before[1] = last;
      else found.push([first, last]);
    }
    return found;
  }

  get #full(): boolean {
    return this.#size > this.#maxEntries || this.#bytes > this.#maxBytes;
  }

  /** A tenth more than needed, so that it is not done again for the next batch. */
  #drop(): void {
    const oldest = [...this.#blocks.values()].sort((a, b) => a.used - b.used);
    for (const block of oldest) {
      const enough = this.#size <= this.#maxEntries * 0.9 && this.#bytes <= this.#maxBytes * 0.9;
      if (enough || block.used === this.#step) return;
      for (const entry of block.entries) if (entry !== undefined) this.#account(block, entry, -1);
      this.#blocks.delete(block.number);
    }
  }

  #account(block: Block, entry: LogEntry, times: 1 | -1): void {
    const bytes = (OVERHEAD + entry.message.length + (entry.context === undefined ? 0 : OVERHEAD)) * times;
    block.held += times;
    block.bytes += bytes;
    this.#size += times;
    this.#bytes += bytes;
    this.counts.add(entry, times);
  }

  #block(number: number): Block {
    let block = this.#blocks.get(number);
    if (block === undefined) {
      block = { number, entries: new Array<LogEntry | undefined>(BLOCK), held: 0, bytes: 0, used: 0 };
      this.#blocks.set(number, block);
    }
    return block;
  }

  #shared(entry: LogEntry): LogEntry {
    if (entry.podName !== undefined) entry.podName = this.#name(entry.podName);
    if (entry.container !== undefined) entry.container = this.#name(entry.container);
    return entry;
  }

  #name(name: string): string {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    if (this.#names.size < 1_000) this.#names.set(name, name);
    return name;
  }
}

function blockOf(index: number): number {
  return Math.floor((index - 1) / BLOCK);
}

function* holesOf(block: Block, from: number, to: number): Generator<number> {
  for (let index = from; index <= to; index++) if (block.entries[(index - 1) % BLOCK] === undefined) yield index;
}
