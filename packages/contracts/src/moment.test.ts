import { describe, expect, it } from '@jest/globals';

import { momentAt } from './moment.ts';

describe('a moment', () => {
  it.each([
    ['10m', '2026-11-20T09:50:00.000Z'],
    ['1h30m', '2026-11-20T08:30:00.000Z'],
    ['2d', '2026-11-18T10:00:00.000Z'],
    ['0.5s', '2026-11-20T09:59:59.500Z'],
    ['999999999d', '0000-01-01T00:00:00.000Z'],
    ['2026-11-20T23:16:57.856942694+02:00', '2026-11-20T23:16:57.856942694+02:00'],
  ])('%s is %s', (moment, expected) => {
    expect(momentAt(moment, Date.parse('2026-11-20T10:00:00Z'))).toBe(expected);
  });
});
