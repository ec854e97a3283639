import type { LogEntry } from '@kubidu/contracts';

/**
 * Consecutive entries of one stream, as they are stored: the JSON of each without its index, which follows from its
 * place. Immutable, and shared by whoever reads the same entries; what is derived from it is not kept.
 */
export class Batch {
  /** Index of the first entry. */
  readonly first: number;
  /** JSON objects, none with an index. Never empty. */
  readonly lines: readonly string[];

  constructor(first: number, lines: readonly string[]) {
    this.first = first;
    this.lines = lines;
  }

  /** Index of the last entry. */
  get last(): number {
    return this.first + this.lines.length - 1;
  }

  /** How many entries it has. */
  get count(): number {
    return this.last - this.first + 1;
  }

  /** Characters of its lines, or about so many. */
  get size(): number {
    let size = 0;
    for (const line of this.lines) size += line.length;
    return size;
  }

  /** The JSON of each entry, with its index. */
  indexed(): string[] {
    return this.lines.map((line, at) => withIndex(line, this.first + at));
  }

  /** The entries as one JSON array. */
  json(): string {
    return `[${this.indexed().join(',')}]`;
  }

  /** The entries, ascending. */
  entries(): LogEntry[] {
    return JSON.parse(this.json()) as LogEntry[];
  }

  /** Those entries with an index after `after` and up to `through`; undefined where there is none. */
  slice(after: number, through: number = this.last): Batch | undefined {
    const from = Math.max(after + 1, this.first);
    const to = Math.min(through, this.last);
    if (from > to) return undefined;
    if (from === this.first && to === this.last) return this;
    return new Batch(from, this.lines.slice(from - this.first, to - this.first + 1));
  }
}

/** The JSON of a stored line with its index in front. */
export function withIndex(line: string, index: number): string {
  return line.length > 2 ? `{"index":${index},${line.slice(1)}` : `{"index":${index}}`;
}
