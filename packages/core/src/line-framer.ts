import { LIMITS } from '@kubidu/contracts';

import { characterBoundary } from './cut-message.ts';

/** Takes one line: without its line feed (and one carriage return before that), and how many of its bytes were cut off. */
export type TakeLine = (text: string, truncated: number) => void;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * Cuts bytes into lines, whatever the pieces they come in. Text is valid UTF-8 (U+FFFD for what was not). A line longer
 * than `maxBytes` is cut at a character's boundary, and no more than that is held of one that has no end yet.
 */
export class LineFramer {
  readonly #maxBytes: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #dropped = 0;

  /** @param maxBytes default {@link LIMITS.messageBytes} */
  constructor(maxBytes: number = LIMITS.messageBytes) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of the unfinished line seen so far, those cut off included. */
  get unfinishedBytes(): number {
    return this.#pendingBytes + this.#dropped;
  }

  /** Takes what was read; calls `take` for each line finished by it, in order. The chunk is not kept. */
  push(chunk: Buffer, take: TakeLine): void {
    const end = chunk.lastIndexOf(LINE_FEED);
    if (end < 0) return this.#hold(chunk);
    let start = 0;
    if (this.unfinishedBytes > 0) {
      start = chunk.indexOf(LINE_FEED) + 1;
      this.#hold(chunk.subarray(0, start - 1));
      this.#finish(take);
    }
    // A line feed is never part of a longer UTF-8 sequence: decoding many lines at once is the same, and much faster.
    if (start < end + 1) this.#takeAll(chunk.toString('utf8', start, end), take);
    if (end + 1 < chunk.length) this.#hold(chunk.subarray(end + 1));
  }

  /** The source ended: takes the last line if it had no line feed. */
  end(take: TakeLine): void {
    if (this.unfinishedBytes > 0) this.#finish(take);
  }

  #takeAll(text: string, take: TakeLine): void {
    let start = 0;
    while (start <= text.length) {
      let end = text.indexOf('\n', start);
      if (end < 0) end = text.length;
      const stop = end > start && text.charCodeAt(end - 1) === CARRIAGE_RETURN ? end - 1 : end;
      this.#takeOne(text.slice(start, stop), take);
      start = end + 1;
    }
  }

  #takeOne(text: string, take: TakeLine): void {
    // A UTF-16 unit takes three bytes at the most: only a longer text can be over.
    if (text.length * 3 <= this.#maxBytes) return take(text, 0);
    const bytes = Buffer.from(text);
    if (bytes.length <= this.#maxBytes) return take(text, 0);
    const end = characterBoundary(bytes, this.#maxBytes);
    take(bytes.toString('utf8', 0, end), bytes.length - end);
  }

  #hold(chunk: Buffer): void {
    // One byte more than a line may have: whether that is a carriage return shows when the line ends.
    const room = this.#maxBytes + 1 - this.#pendingBytes;
    const kept = Math.min(room, chunk.length);
    if (kept > 0) {
      this.#pending.push(Buffer.from(chunk.subarray(0, kept)));
      this.#pendingBytes += kept;
    }
    this.#dropped += chunk.length - kept;
    // Many small pieces of one line: joined now and then, so that their number stays bounded too.
    if (this.#pending.length > 1_024) this.#pending = [Buffer.concat(this.#pending)];
  }

  #finish(take: TakeLine): void {
    let bytes = Buffer.concat(this.#pending);
    const dropped = this.#dropped;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#dropped = 0;
    if (dropped === 0 && bytes.at(-1) === CARRIAGE_RETURN) bytes = bytes.subarray(0, -1);
    if (dropped === 0) return this.#takeOne(bytes.toString('utf8'), take);
    const end = characterBoundary(bytes, this.#maxBytes);
    take(bytes.toString('utf8', 0, end), bytes.length - end + dropped);
  }
}
