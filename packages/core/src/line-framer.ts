import { LIMITS } from '@kubidu/contracts';

import { characterBoundary, cutText } from './cut-message.ts';

/** Takes one line, without its line feed and one carriage return at its end, and how many of its bytes were cut off. */
export type TakeLine = (text: string, truncated: number) => void;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * Cuts bytes into lines, the same ones whatever the pieces they come in. Text is valid UTF-8 (U+FFFD for what was not). A
 * line of more than `maxBytes` is cut at a character's boundary, and no more than that is held of one that has no end yet.
 */
export class LineFramer {
  readonly #maxBytes: number;
  /** So few bytes that no line among them can be too long, even if each becomes U+FFFD, which takes three. */
  readonly #safeBytes: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #dropped = 0;
  #lastByte = 0;

  /** @param maxBytes default {@link LIMITS.messageBytes} */
  constructor(maxBytes: number = LIMITS.messageBytes) {
    this.#maxBytes = maxBytes;
    this.#safeBytes = Math.floor(maxBytes / 3);
  }

  /** Bytes of the unfinished line seen so far, those cut off included. */
  get unfinishedBytes(): number {
    return this.#pendingBytes + this.#dropped;
  }

  /** Takes what was read; calls `take` for each line finished by it, in order. The chunk is not kept. */
  push(chunk: Buffer, take: TakeLine): void {
    let start = 0;
    if (this.unfinishedBytes > 0) {
      const end = chunk.indexOf(LINE_FEED);
      this.#hold(end < 0 ? chunk : chunk.subarray(0, end));
      if (end < 0) return;
      this.#finish(take);
      start = end + 1;
    }
    while (start < chunk.length) {
      // A line feed is never part of a longer UTF-8 sequence: decoding many lines at once is the same, and much faster.
      let end = chunk.lastIndexOf(LINE_FEED, Math.min(start + this.#safeBytes, chunk.length - 1));
      if (end >= start) {
        takeAll(chunk.toString('utf8', start, end), take);
      } else {
        end = chunk.indexOf(LINE_FEED, start);
        if (end < 0) return this.#hold(chunk.subarray(start));
        this.#takeOne(chunk.subarray(start, end), end - start, chunk[end - 1], take);
      }
      start = end + 1;
    }
  }

  /** The source ended: takes the last line if it had no line feed. */
  end(take: TakeLine): void {
    if (this.unfinishedBytes > 0) this.#finish(take);
  }

  /** @param bytes the line's beginning: all of it, or more than may be kept; `total` is how many it had in all. */
  #takeOne(bytes: Buffer, total: number, lastByte: number | undefined, take: TakeLine): void {
    const length = lastByte === CARRIAGE_RETURN ? total - 1 : total;
    const kept = length > this.#maxBytes ? characterBoundary(bytes, this.#maxBytes) : length;
    const text = bytes.toString('utf8', 0, kept);
    const again = cutText(text, this.#maxBytes); // of bytes that were no UTF-8 there are more now
    take(again.text, length - kept + again.truncated);
  }

  #hold(chunk: Buffer): void {
    if (chunk.length === 0) return;
    // One byte more than a line may have: whether that is a carriage return shows when the line ends.
    const room = this.#maxBytes + 1 - this.#pendingBytes;
    const kept = Math.min(room, chunk.length);
    if (kept > 0) {
      this.#pending.push(Buffer.from(chunk.subarray(0, kept)));
      this.#pendingBytes += kept;
    }
    this.#dropped += chunk.length - kept;
    this.#lastByte = chunk[chunk.length - 1] ?? 0;
    // Many small pieces of one line: joined now and then, so that their number stays bounded too.
    if (this.#pending.length > 1_024) this.#pending = [Buffer.concat(this.#pending)];
  }

  #finish(take: TakeLine): void {
    const bytes = Buffer.concat(this.#pending);
    const total = this.unfinishedBytes;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#dropped = 0;
    this.#takeOne(bytes, total, this.#lastByte, take);
  }
}

/** Takes each line of a text whose last line feed is left out. */
function takeAll(text: string, take: TakeLine): void {
  let start = 0;
  while (start <= text.length) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const stop = end > start && text.charCodeAt(end - 1) === CARRIAGE_RETURN ? end - 1 : end;
    take(text.slice(start, stop), 0);
    start = end + 1;
  }
}
