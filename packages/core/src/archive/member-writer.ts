import { withIndex } from '../batch.ts';
import { timeAndLevel } from '../time-and-level.ts';
import type { Member } from './object-index.ts';

/** Characters that are turned into bytes together: each line by itself takes longer, and so does a whole member. */
const PIECE = 16 * 1024;

/** A member's bytes, and what its index tells of them. */
export interface WrittenMember extends Pick<Member, 'first' | 'from' | 'to' | 'levels'> {
  /** Lines with their indexes, a line feed behind each. */
  readonly content: Buffer;
}

/** Fills one member, line by line. */
export class MemberWriter {
  readonly #first: number;
  readonly #pieces: Buffer[] = [];
  readonly #levels: Record<string, number> = {};
  #next: number;
  #text = '';
  #size = 0;
  #from = Infinity;
  #to = -Infinity;

  /** @param first index of the first line */
  constructor(first: number) {
    this.#first = this.#next = first;
  }

  /** Characters of what was added. */
  get size(): number {
    return this.#size + this.#text.length;
  }

  /** Index of the line that comes next. */
  get next(): number {
    return this.#next;
  }

  /** @param line an entry without its index, as the store has it */
  add(line: string): void {
    this.#text += `${withIndex(line, this.#next++)}\n`;
    if (this.#text.length >= PIECE) this.#endPiece();
    const { timestamp, level } = timeAndLevel(line);
    if (level !== undefined) this.#levels[level] = (this.#levels[level] ?? 0) + 1;
    const at = Date.parse(timestamp ?? '');
    if (at < this.#from) this.#from = at;
    // A Date drops what is finer than a millisecond.
    if (at + 1 > this.#to) this.#to = at + 1;
  }

  /** What was written; nothing may be added after it. */
  end(): WrittenMember {
    this.#endPiece();
    const enclosed = this.#from <= this.#to ? { from: this.#from, to: this.#to } : { from: 0, to: 0 };
    return { first: this.#first, content: Buffer.concat(this.#pieces), ...enclosed, levels: this.#levels };
  }

  #endPiece(): void {
    this.#pieces.push(Buffer.from(this.#text));
    this.#size += this.#text.length;
    this.#text = '';
  }
}
