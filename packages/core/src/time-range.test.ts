import { describe, expect, it } from '@jest/globals';

import { encodeEntry } from './encode-entry.ts';
import { TimeRange } from './time-range.ts';

const line = (timestamp: string) => encodeEntry({ timestamp, message: '"timestamp":"2026-01-01T00:00:00Z"' });

describe('a range of time', () => {
  it.each<[since: string | undefined, until: string | undefined, timestamp: string, expected: boolean]>([
    ['2026-11-20T10:00:00Z', undefined, '2026-11-20T10:00:00Z', true],
    ['2026-11-20T10:00:00Z', undefined, '2026-11-20T09:59:59.999999999Z', false],
    ['2026-11-20T10:00:00.000000001Z', undefined, '2026-11-20T10:00:00Z', false],
    ['2026-11-20T10:00:00.000000001Z', undefined, '2026-11-20T10:00:00.000000001Z', true],
    ['2026-11-20T10:00:00.500Z', undefined, '2026-11-20T10:00:00.5Z', true],
    ['2026-11-20T10:00:00.5Z', undefined, '2026-11-20T10:00:00.500Z', true],
    ['2026-11-20T10:00:00.000Z', undefined, '2026-11-20T10:00:00Z', true],
    [undefined, '2026-11-20T10:00:00Z', '2026-11-20T10:00:00Z', false],
    [undefined, '2026-11-20T10:00:00Z', '2026-11-20T10:00:00.000Z', false],
    [undefined, '2026-11-20T10:00:00.000Z', '2026-11-20T10:00:00Z', false],
    [undefined, '2026-11-20T10:00:00.000000001Z', '2026-11-20T10:00:00Z', true],
    [undefined, '2026-11-20T10:00:00.1Z', '2026-11-20T10:00:00.100000Z', false],
    ['2026-11-20T10:00:00+02:00', '2026-11-20T10:00:00-02:00', '2026-11-20T08:00:00Z', true],
    ['2026-11-20T10:00:00+02:00', '2026-11-20T10:00:00-02:00', '2026-11-20T12:00:00Z', false],
    ['2026-11-20T10:00:10Z', undefined, '2026-11-20T10:00:10.1Z', true],
    [undefined, '2026-11-20T10:00:10Z', '2026-11-20T10:00:09Z', true],
    ['2026-11-20T10:00:00Z', undefined, '9999-12-31T23:59:59-05:00', true],
    [undefined, '2026-11-20T10:00:00Z', '0000-01-01T00:00:00+05:00', true],
  ])('from %s until %s with %s: %p', (since, until, timestamp, expected) => {
    const range = new TimeRange({ since, until });
    expect(range.holds(line(timestamp))).toBe(expected);
    const ms = Date.parse(timestamp);
    // What holds one of its moments is touched, in whichever milliseconds they are enclosed.
    if (expected) expect(range.touches(ms, ms + 1)).toBe(true);
  });

  it('reads the time of a line whose fields stand in another order', () => {
    const range = new TimeRange({ since: '2026-11-20T10:00:00Z' });
    expect(range.holds('{"message":"a","timestamp":"2026-11-20T10:00:00Z"}')).toBe(true);
    expect(range.holds('{"message":"a","timestamp":"2026-11-20T09:00:00Z"}')).toBe(false);
    expect(range.holds('{"message":"a"}')).toBe(false);
  });

  it.each([
    ['2026-11-20T10:00:00Z', '2026-11-20T10:00:00Z', true],
    ['2026-11-20T10:00:01Z', '2026-11-20T10:00:00Z', true],
    ['2026-11-20T10:00:00Z', '2026-11-20T10:00:00.000000001Z', false],
  ])('from %s until %s is empty: %p', (since, until, empty) => {
    expect(new TimeRange({ since, until }).isEmpty).toBe(empty);
  });

  it('does not touch what lies outside', () => {
    const range = new TimeRange({ since: '2026-11-20T10:00:00Z', until: '2026-11-20T11:00:00Z' });
    const hour = (text: string) => Date.parse(`2026-11-20T${text}:00Z`);
    expect(range.touches(hour('08:00'), hour('09:00'))).toBe(false);
    expect(range.touches(hour('12:00'), hour('13:00'))).toBe(false);
    expect(range.touches(hour('08:00'), hour('13:00'))).toBe(true);
  });
});
