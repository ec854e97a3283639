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
  '2026-11-20T09:00:00',
])('%j is no moment', (text) => {
  const moment = parseMoment(text, NOW);
  expect(moment === undefined || Number.isNaN(moment)).toBe(true);
  expect(moment).toBeUndefined();
});
