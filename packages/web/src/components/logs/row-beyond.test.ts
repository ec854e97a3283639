import { describe, expect, it } from '@jest/globals';

import { GapList } from './model/gap-list.ts';
import { WholeRows } from './model/row-space.ts';
import { rowBeyond } from './row-beyond.ts';

const HEIGHT = 800;

describe('Where one is who scrolled past the rows that are laid out', () => {
  const rows = new WholeRows(new GapList(), 100_000);
  const estimate = () => 20;
  const at = { rows, start: 50_000, end: 52_000, estimate, height: HEIGHT, isFarthest: false };

  it('is as many rows further up as were scrolled by, to the pixel', () => {
    expect(rowBeyond({ ...at, above: 30_000 })).toEqual({ index: 48_501, below: 0, atEnd: false });
    expect(rowBeyond({ ...at, above: 30_007 })).toEqual({ index: 48_500, below: -13, atEnd: false });
  });

  it('is as many rows further down, and the end where that is in sight', () => {
    expect(rowBeyond({ ...at, above: -30_007 })).toEqual({ index: 53_501, below: -7, atEnd: false });
    const toLast = (100_000 - 52_000) * 20;
    expect(rowBeyond({ ...at, above: HEIGHT - toLast })).toMatchObject({ index: 99_961, atEnd: true });
    expect(rowBeyond({ ...at, above: HEIGHT - toLast + 40 })).toMatchObject({ index: 99_959, atEnd: false });
  });

  it('passes over rows that are folded away', () => {
    const folded = (index: number) => (index > 49_000 && index <= 50_000 ? 0 : 20);
    expect(rowBeyond({ ...at, estimate: folded, above: 2_000 })).toMatchObject({ index: 48_901 });
  });

  it('is the beginning or the end where it cannot be scrolled any further', () => {
    expect(rowBeyond({ ...at, above: 4_000_000, isFarthest: true })).toEqual({ index: 1, below: 0, atEnd: false });
    expect(rowBeyond({ ...at, above: -4_000_000, isFarthest: true })).toEqual({
      index: 100_000,
      below: 0,
      atEnd: true,
    });
  });
});
