import type { Gap } from '@kubidu/contracts';

import { parseNumberedLine, writerNumber } from '../numbered-lines.ts';

/** What came of a read. */
export interface ReadPage {
  readonly entries: readonly { readonly index: number; readonly message: string }[];
  readonly gaps: readonly Gap[];
}

/** How far the stream had come at a time, in milliseconds since 1970. */
interface Mark {
  readonly at: number;
  readonly lastIndex: number;
}

/**
 * Judges pages of a stream that one writer of numbered lines wrote, so that an index is the number of its line, while its
 * oldest entries expire: what is missing must have been stored longer ago than entries are kept, and be told.
 */
export class PageJudge {
  readonly #writer: number;
  readonly #retentionMs: number;
  readonly #marks: Mark[] = [];

  constructor(writer: string, retentionMs: number) {
    this.#writer = writerNumber(writer);
    this.#retentionMs = retentionMs;
  }

  /** Takes note that everything up to this index is stored now. */
  mark(lastIndex: number): void {
    this.#marks.push({ at: Date.now(), lastIndex });
  }

  /**
   * What is wrong with a page; undefined where nothing is. It must begin with `from`, end with `to` where that is given,
   * and have no hole and no repeat.
   */
  wrong({ entries, gaps }: ReadPage, { from, to }: { from?: number; to?: number }): string | undefined {
    const pieces = [...entries.map(({ index }) => ({ from: index, to: index })), ...gaps].sort(
      (a, b) => a.from - b.from,
    );
    let next = from ?? pieces[0]?.from ?? 1;
    for (const piece of pieces) {
      if (piece.from !== next) return `${piece.from} came where ${next} was due`;
      next = piece.to + 1;
    }
    if (to !== undefined && next !== to + 1) return `it ends with ${next - 1}, not with ${to}`;
    for (const gap of gaps) {
      if (gap.reason !== 'expired') return `${gap.from}–${gap.to} is said to be ${gap.reason}`;
      if (gap.to > this.#mayHaveExpired()) return `${gap.from}–${gap.to} cannot have expired yet`;
    }
    const other = entries.find(({ index, message }) => {
      const line = parseNumberedLine(message);
      return line?.seq !== index || line.writer !== this.#writer;
    });
    return other && `${other.index} is ${other.message}`;
  }

  /** The last index that may be gone by now. */
  #mayHaveExpired(): number {
    const before = Date.now() - this.#retentionMs;
    // The mark after it: what it tells may have been stored right after the one before.
    return (this.#marks.find(({ at }) => at >= before) ?? this.#marks.at(-1))?.lastIndex ?? 0;
  }
}
