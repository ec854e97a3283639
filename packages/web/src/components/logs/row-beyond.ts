import { indexOf } from './model/row-space.ts';
import type { RowSpace } from './model/row-space.ts';
import type { RowSlice } from './row-slice.ts';

/** Where one scrolled to beyond a slice. */
export interface ScrolledBeyond extends RowSlice {
  readonly rows: RowSpace;
  /** Height of a row that was not measured. */
  readonly estimate: (index: number) => number;
  /** Pixels from the slice's first row up to the upper edge of what is in sight; 0 or less: from its end down to there. */
  readonly above: number;
  /** Height of what is in sight. */
  readonly height: number;
  /** Whether it cannot be scrolled any further: then all the rows on that side are meant. */
  readonly isFarthest: boolean;
}

/** A row, how far below the upper edge it stands, and whether the end of the log is in sight then. */
export interface RowBeyond {
  readonly index: number;
  readonly below: number;
  readonly atEnd: boolean;
}

/** The row at the upper edge, had all rows been laid out. */
export function rowBeyond(scrolled: ScrolledBeyond): RowBeyond {
  return scrolled.above > 0 ? rowAbove(scrolled) : rowBelow(scrolled);
}

function rowAbove({ rows, start, estimate, above, isFarthest }: ScrolledBeyond): RowBeyond {
  let row = isFarthest ? 0 : start;
  let left = above;
  for (; row > 0 && left > 0; row--) left -= estimate(indexOf(rows.at(row - 1)));
  return { index: indexOf(rows.at(row)), below: Math.min(0, left), atEnd: false };
}

function rowBelow({ rows, end, estimate, above, height, isFarthest }: ScrolledBeyond): RowBeyond {
  const last = rows.length - 1;
  let row = isFarthest ? last : Math.min(end, last);
  let left = -above;
  for (; row < last; row++) {
    const tall = estimate(indexOf(rows.at(row)));
    if (left < tall) break;
    left -= tall;
  }
  let under = -left;
  for (let one = row; one <= last && under <= height; one++) under += estimate(indexOf(rows.at(one)));
  return { index: indexOf(rows.at(row)), below: isFarthest ? 0 : -left, atEnd: isFarthest || under <= height };
}
