import type { StreamId } from '@kubidu/contracts';

/** What this process knows of a stream from what passed through it. */
export interface Seen {
  /** Highest index that passed: no entry may ever get this or a lower one again. */
  last: number;
  /** Whether it was seen ended: then it may be forgotten without any loss. */
  ended: boolean;
  /** Whether it is in the list of streams. */
  listed: boolean;
  /** Lines and characters of its batches, for guessing how many of them to read; 0 where none passed. */
  linesEach: number;
  sizeEach: number;
}

/** What was seen of the streams last used, at most `limit` of them. */
export class SeenIndexes {
  readonly #limit: number;
  readonly #seen = new Map<StreamId, Seen>();

  constructor(limit = 50_000) {
    this.#limit = limit;
  }

  /** What was seen of `stream`, to be read and written. */
  of(stream: StreamId): Seen {
    let seen = this.#seen.get(stream);
    if (seen) this.#seen.delete(stream);
    else seen = { last: 0, ended: false, listed: false, linesEach: 0, sizeEach: 0 };
    this.#seen.set(stream, seen);
    if (this.#seen.size > this.#limit) {
      for (const oldest of this.#seen.keys()) {
        this.#seen.delete(oldest);
        break;
      }
    }
    return seen;
  }

  /** Forgets which streams are listed: the list may have been lost. */
  unlist(): void {
    for (const seen of this.#seen.values()) seen.listed = false;
  }
}
