import type { LogEntry } from '@kubidu/contracts';

import { withIndex } from './batch.ts';
import type { Batch } from './batch.ts';

/** Some entries of one stream, ascending, with others between them that were left out: what of a batch matches a query. */
export class Excerpt {
  /** The index of each entry. */
  readonly indexes: readonly number[];
  /** The JSON of each, without its index. */
  readonly lines: readonly string[];

  constructor(indexes: readonly number[], lines: readonly string[]) {
    this.indexes = indexes;
    this.lines = lines;
  }

  /** All entries of a batch. */
  static of({ first, lines }: Batch): Excerpt {
    return new Excerpt(
      lines.map((_, at) => first + at),
      lines,
    );
  }

  /** The JSON of each entry, with its index. */
  indexed(): string[] {
    return this.lines.map((line, at) => withIndex(line, this.indexes[at] ?? 0));
  }

  /** The entries as one JSON array. */
  json(): string {
    return `[${this.indexed().join(',')}]`;
  }

  /** The entries, ascending. */
  entries(): LogEntry[] {
    return JSON.parse(this.json()) as LogEntry[];
  }

  /** At most this many of its first entries, or of its last. */
  take(count: number, end: 'first' | 'last'): Excerpt {
    if (count >= this.lines.length) return this;
    const from = end === 'first' ? 0 : this.lines.length - count;
    return new Excerpt(this.indexes.slice(from, from + count), this.lines.slice(from, from + count));
  }
}
