import { describe, expect, it } from '@jest/globals';

import { podColour, POD_COLOURS } from './pod-colour.ts';
import { age, timeFormat } from './time-format.ts';

describe('a time', () => {
  it.each([
    ['in UTC, to the millisecond', 'utc', '2026-11-20T23:16:57.856942694Z', '11-20 23:16:57.856'],
    ['as wide where the source was less precise', 'utc', '2026-11-20T23:16:57Z', '11-20 23:16:57.000'],
    ['of tenths of seconds', 'utc', '2026-11-20T23:16:57.8Z', '11-20 23:16:57.800'],
    ['by the clock of a place', 'local', '2026-11-20T23:16:57.856942694Z', '11-21 00:16:57.856'],
    ['in its summer', 'local', '2026-07-01T12:00:00Z', '07-01 14:00:00.000'],
    ['before its clock goes back', 'local', '2026-10-25T00:59:59.999Z', '10-25 02:59:59.999'],
    ['and behind that', 'local', '2026-10-25T01:00:00Z', '10-25 02:00:00.000'],
    ['that is none, as it is', 'local', 'yesterday', 'yesterday'],
    ['that looks like one, as it is', 'local', '2026-99-99T99:99:99Z', '2026-99-99T99:99:99Z'],
    ['not at all', 'off', '2026-11-20T23:16:57Z', ''],
  ] as const)('is written %s', (_name, timestamps, timestamp, shown) => {
    expect(timeFormat(timestamps, 'Europe/Berlin')(timestamp, 0)).toBe(shown);
  });

  it('is written as its age', () => {
    const relative = timeFormat('relative');
    expect(relative('2026-11-20T23:16:57Z', Date.parse('2026-11-20T23:17:02Z'))).toBe('5s ago');
    expect([-5, 999, 1_000, 60_000, 3_599_999, 3_600_000, 86_400_000 * 2].map(age)).toEqual([
      'now',
      'now',
      '1s ago',
      '1m ago',
      '59m ago',
      '1h ago',
      '2d ago',
    ]);
  });
});

describe('the colour of a pod', () => {
  it('is always the same, and most pods of a service have different ones', () => {
    expect(podColour('web-7d9f-x2k')).toBe(podColour('web-7d9f-x2k'));
    const colours = new Set(
      Array.from({ length: 200 }, (_, i) => podColour(`web-7d9f8b6c5-${(i * 7_919).toString(36)}`)),
    );
    expect(colours.size).toBe(POD_COLOURS);
  });
});
