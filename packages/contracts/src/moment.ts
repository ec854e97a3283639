import { z } from 'zod';

import { Timestamp } from './log-entry.ts';

/** How long ago: `10m`, `2h`, `1h30m`, `7d`. */
const AGO = /^(?:\d{1,9}(?:\.\d{1,3})?[smhd]){1,4}$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const FIRST_MS = Date.parse('0000-01-01T00:00:00Z');

/** A moment as users name one: RFC 3339 with up to nanoseconds, or how long ago it was. */
export const Moment = z
  .string()
  .refine(
    (text) => AGO.test(text) || Timestamp.safeParse(text).success,
    'must be an RFC 3339 time, like 2026-11-20T23:16:57.856Z, or how long ago, like 10m or 1h30m',
  );
export type Moment = z.infer<typeof Moment>;

/** The RFC 3339 time of a moment, where it is `nowMs` now (milliseconds since 1970). */
export function momentAt(moment: Moment, nowMs: number): string {
  if (!AGO.test(moment)) return moment;
  let ago = 0;
  for (const [, count, unit = ''] of moment.matchAll(/([\d.]+)([smhd])/g)) ago += Number(count) * (UNIT_MS[unit] ?? 0);
  return new Date(Math.max(nowMs - ago, FIRST_MS)).toISOString();
}
