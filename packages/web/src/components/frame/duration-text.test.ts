import { describe, expect, it } from '@jest/globals';

import { agoText, durationText } from './duration-text.ts';

describe('A span of time', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [4_290, '4.2 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
    [180_000_000, '2 d 2 h'],
  ])('of %d ms is said as %s', (ms, text) => expect(durationText(ms)).toBe(text));

  it.each([
    [-5_000, 'just now'],
    [1_999, 'just now'],
    [12_000, '12 s ago'],
    [3_600_000, '1 h ago'],
    [172_800_000, '2 d ago'],
  ])('that is %d ms past is said as %s', (age, text) => expect(agoText(0, age)).toBe(text));
});
