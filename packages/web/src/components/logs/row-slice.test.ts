import { describe, expect, it } from '@jest/globals';

import { GapList } from './model/gap-list.ts';
import { WholeRows } from './model/row-space.ts';
import { heightBeyond, sliceAround, sliceAtEnd } from './row-slice.ts';

describe('The rows that are laid out', () => {
  const rows = new WholeRows(new GapList(), 1_000_000);

  it('are some around where one reads, however many there are', () => {
    const { start, end } = sliceAround(rows, 500_000);
    expect(start).toBeLessThanOrEqual(499_000);
    expect(end).toBeGreaterThanOrEqual(501_000);
    expect(end - start).toBeLessThan(3_000);
    expect(sliceAround(rows, 3)).toEqual({ start: 0, end: 1_200 });
    expect(sliceAtEnd(rows).end).toBe(1_000_000);
  });

  it('leave room for scrolling past them, that a browser can lay out', () => {
    expect(heightBeyond(1_000, 20)).toBe(20_000);
    const { start, end } = sliceAround(rows, 500_000);
    const beyond = heightBeyond(start, 20) + heightBeyond(rows.length - end, 20);
    expect(beyond + (end - start) * 20).toBeLessThan(16_000_000);
  });
});
