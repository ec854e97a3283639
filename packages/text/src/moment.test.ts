import { expect, it } from '@jest/globals';

import { parseMoment } from './moment.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');

it.each([
  ['90s', '2026-11-20T11:58:30Z'],
  ['10m', '2026-11-20T11:50:00Z'],
  ['2h', '2026-11-20T10:00:00Z'],
  ['1h30m', '2026-11-20T10:30:00Z'],
  ['1.5h', '2026-11-20T10:30:00Z'],
  ['7d', '2026-11-13T12:00:00Z'],
  ['2026-11-20T09:00:00Z', '2026-11-20T09:00:00Z'],
  ['2026-11-20T09:00:00.5+02:00', '2026-11-20T07:00:00.5Z'],
])('%s is %s', (text, time) => {
  expect(parseMoment(text, NOW)).toBe(Date.parse(time));
});

it.each([
  ['11:03', '2026-11-20T11:03:00Z'],
  ['9:05', '2026-11-20T09:05:00Z'],
  ['12:00', '2026-11-20T12:00:00Z'],
  ['12:01', '2026-11-19T12:01:00Z'],
  ['23:16:57.856', '2026-11-19T23:16:57.856Z'],
  ['11-18 23:16:57.856', '2026-11-18T23:16:57.856Z'],
  ['12-31 23:00', '2025-12-31T23:00:00Z'],
  ['2026-11-18 23:16', '2026-11-18T23:16:00Z'],
  ['2026-11-20T09:00:00', '2026-11-20T09:00:00Z'],
  ['2026-11-21 09:00', '2026-11-21T09:00:00Z'],
  ['11:03:20.1234567', '2026-11-20T11:03:20.123Z'],
])('%s by a clock in UTC is %s', (text, time) => {
  expect(parseMoment(text, NOW, 'utc')).toBe(Date.parse(time));
});

it("reads a clock's time by the clock of the reader, unless told otherwise", () => {
  const [now, at] = [new Date(2026, 10, 20, 12, 0), new Date(2026, 10, 20, 9, 30)];
  expect(parseMoment('9:30', now.getTime())).toBe(at.getTime());
  expect(parseMoment('2026-11-20 09:30:00', now.getTime())).toBe(at.getTime());
});

it.each([
  '',
  '10',
  'm',
  '10 m',
  '-5m',
  '10x',
  '1.2.3h',
  'yesterday',
  '2026-11-20',
  '2026-13-40T00:00:00Z',
  '2026-02-30 10:00',
  '2026-13-01 10:00',
  '00-00 10:00',
  '24:00',
  '11:60',
  '11:03:60',
  '2026-11:03',
  '11:03 ',
])('%j is no moment', (text) => {
  expect(parseMoment(text, NOW)).toBeUndefined();
});
