import { number } from './number.ts';

/** Indexes that cannot be had, both ends included, and why in a word or a few. */
export interface MissingLines {
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** A gap in words, for those who read lines: `--- 120 lines expired (indexes 1–120) ---`. */
export function gapLine({ from, to, reason }: MissingLines): string {
  const count = to - from + 1;
  const what =
    count === 1 ? `1 line ${reason} (index ${from})` : `${number(count)} lines ${reason} (indexes ${from}–${to})`;
  return `--- ${what} ---`;
}
