import type { Gap } from '@kubidu/contracts';

const NUMBER = new Intl.NumberFormat('en-US');

/** A gap in words, for those who read lines: `--- 120 lines expired (indexes 1–120) ---`. */
export function gapLine({ from, to, reason }: Gap): string {
  const count = to - from + 1;
  const what =
    count === 1
      ? `1 line ${reason} (index ${from})`
      : `${NUMBER.format(count)} lines ${reason} (indexes ${from}–${to})`;
  return `--- ${what} ---`;
}
