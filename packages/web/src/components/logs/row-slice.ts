import type { RowSpace } from './model/row-space.ts';

/** Rows on each side of where one reads that the list lays out. What lies beyond is reached by moving the slice. */
const HALF = 1_000;

/** Rows laid out while one follows the end. */
const TAIL = 400;

/** A slice begins at a multiple of this, so that it does not move with each line. */
const STEP = 200;

/** Height that stands for rows beyond a slice on each side, at most, so that the browser can lay out both and a slice. */
const MOST_BEYOND = 4_000_000;

/** Rows `start` up to `end`, that one not included. */
export interface RowSlice {
  readonly start: number;
  readonly end: number;
}

/**
 * The rows that the list lays out: some around `row`, never so many that their height comes near what a browser can lay
 * out (Chromium: 16,777,200 px), however many there are.
 */
export function sliceAround(rows: RowSpace, row: number): RowSlice {
  const start = Math.max(0, Math.floor((row - HALF) / STEP) * STEP);
  return { start, end: Math.min(rows.length, Math.ceil((row + HALF) / STEP) * STEP) };
}

/** The last rows. */
export function sliceAtEnd(rows: RowSpace): RowSlice {
  return { start: Math.max(0, Math.floor((rows.length - TAIL) / STEP) * STEP), end: rows.length };
}

/** Whether the rows that are seen come so near to an end of the slice that it should move. */
export function leavesSlice({ start, end }: RowSlice, first: number, last: number, length: number): boolean {
  return (start > 0 && first - start < HALF / 4) || (end < length && end - last < HALF / 4);
}

/** Height that stands for so many rows of `line` pixels beyond a slice, so that one may scroll past its edge. */
export function heightBeyond(count: number, line: number): number {
  return Math.min(count * line, MOST_BEYOND);
}
