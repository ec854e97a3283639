import { describe, expect, it } from '@jest/globals';

import { GapList } from './model/gap-list.ts';
import { WholeRows } from './model/row-space.ts';
import { sliceAround, sliceAtEnd } from './row-slice.ts';

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

  it('hold what is selected, unless it is far away', () => {
    expect(sliceAround(rows, 500_000, [497_123]).start).toBe(497_123);
    expect(sliceAround(rows, 500_000, [1]).start).toBe(499_000);
  });
});
