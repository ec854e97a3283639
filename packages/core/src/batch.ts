import type { LogEntry } from '@kubidu/contracts';

/**
 * Consecutive entries of one stream, as they are stored: the JSON of each without its index, which follows from its
 * place. Decoding happens once, when somebody first asks, whoever shares the batch. Immutable.
 */
export class Batch {
  /** Index of the first entry. */
  readonly first: number;
  /** JSON objects, none with an index. Never empty. */
  readonly lines: readonly string[];
  #entries: readonly LogEntry[] | undefined;
  #json: string | undefined;

  constructor(first: number, lines: readonly string[]) {
    this.first = first;
    this.lines = lines;
  }

  /** Index of the last entry. */
  get last(): number {
    return this.first + this.lines.length - 1;
  }

  /** The entries as a JSON array, each with its index. */
  get json(): string {
    if (this.#json === undefined) {
      let index = this.first;
      this.#json = `[${this.lines.map((line) => withIndex(line, index++)).join(',')}]`;
    }
    return this.#json;
  }

  /** The entries, ascending. */
  get entries(): readonly LogEntry[] {
    this.#entries ??= JSON.parse(this.json) as LogEntry[];
    return this.#entries;
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
