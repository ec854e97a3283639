import type { Screen } from '@kubidu/query';

import { Batch } from '../batch.ts';
import { LogsError } from '../logs-error.ts';

const LINE_FEED = 10;
const INDEX = '{"index":';

/** The lines of a member as they lie in the archive, unpacked: JSON with an index each, and a line feed behind each. */
export class MemberText {
  readonly bytes: Buffer;
  /** Index of the first entry. */
  readonly first: number;
  /** Index of the last entry. */
  readonly last: number;

  /** @throws {LogsError} INTERNAL when it has another number of lines */
  constructor(bytes: Buffer, first: number, last: number) {
    this.bytes = bytes;
    this.first = first;
    this.last = last;
    let count = 0;
    for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count++;
    if (count !== last - first + 1)
      throw new LogsError('INTERNAL', `an archived object has ${count} entries for ${first}–${last}`);
  }

  /** A character for each byte. */
  get latin1(): string {
    return this.bytes.toString('latin1');
  }

  /** Lines without their indexes, as the store has them. @throws {LogsError} INTERNAL when they are not these entries */
  lines(first: number, last: number): string[] {
    const from = this.#behind(0, first - this.first);
    const to = last === this.last ? this.bytes.length : this.#behind(from, last - first + 1);
    const lines = this.bytes.toString('utf8', from, to - 1).split('\n');
    return lines.map((line, at) => withoutIndex(line, first + at));
  }

  /** The place behind so many lines. */
  #behind(from: number, lines: number): number {
    let at = from;
    for (let left = lines; left > 0; left--) at = this.bytes.indexOf(LINE_FEED, at) + 1;
    return at;
  }
}

/** Entries of one member. Its lines are parted when somebody asks for them: who searches needs few of them. */
export class MemberBatch extends Batch {
  readonly #text: MemberText;
  readonly #last: number;

  constructor(text: MemberText, first = text.first, last = text.last) {
    super(first, []);
    this.#text = text;
    this.#last = last;
    let lines: readonly string[] | undefined;
    Object.defineProperty(this, 'lines', { enumerable: true, get: () => (lines ??= text.lines(first, last)) });
  }

  override get last(): number {
    return this.#last;
  }

  override get size(): number {
    const { bytes, first, last } = this.#text;
    return Math.ceil((bytes.length * this.count) / (last - first + 1));
  }

  override slice(after: number, through: number = this.last): Batch | undefined {
    const from = Math.max(after + 1, this.first);
    const to = Math.min(through, this.last);
    if (from > to) return undefined;
    return from === this.first && to === this.last ? this : new MemberBatch(this.#text, from, to);
  }

  /** Those entries that pass a screen: index and line of each, ascending. */
  *candidates(screen: Screen): Generator<readonly [index: number, line: string]> {
    const { bytes } = this.#text;
    const next = screen(this.#text);
    for (let at = next(0); at >= 0;) {
      const from = at === 0 ? 0 : bytes.lastIndexOf(LINE_FEED, at - 1) + 1;
      const feed = bytes.indexOf(LINE_FEED, at);
      const to = feed < 0 ? bytes.length : feed;
      const index = Number.parseInt(bytes.toString('latin1', from + INDEX.length, from + INDEX.length + 16), 10);
      if (index > this.last) return;
      if (index >= this.first) yield [index, withoutIndex(bytes.toString('utf8', from, to), index)];
      at = to + 1 < bytes.length ? next(to + 1) : -1;
    }
  }
}

/** A line as the store has it. */
function withoutIndex(line: string, index: number): string {
  const front = `${INDEX}${index}`;
  if (!line.startsWith(front) || line.length < front.length + 1)
    throw new LogsError('INTERNAL', `the archived entry ${index} is another one`);
  return line.charAt(front.length) === ',' ? `{${line.slice(front.length + 1)}` : '{}';
}
