import { describe, expect, it } from '@jest/globals';

import { hotLevel } from './hot-level.ts';

describe('The level to which streams are cut', () => {
  it.each([
    { sizes: [], total: 0, level: Infinity },
    { sizes: [1, 2, 3], total: 6, level: Infinity },
    { sizes: [1, 2, 3], total: 5, level: 2 },
    { sizes: [1, 2, 9], total: 6, level: 3 },
    { sizes: [9, 1, 9], total: 6, level: 2 },
    { sizes: [4, 4, 4], total: 7, level: 2 },
    { sizes: [5], total: 0, level: 0 },
  ])('is $level for $sizes in $total', ({ sizes, total, level }) => {
    expect(hotLevel(sizes, total)).toBe(level);
  });
});
