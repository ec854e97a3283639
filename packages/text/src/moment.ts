const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** A clock's time, with a date or without, as rows show it: `14:03`, `11-20 14:03:20.5`, `2026-11-20T14:03:20`. */
const CLOCK_TIME = /^(?:(?:(\d{4})-)?(\d\d)-(\d\d)[Tt ])?([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?$/;

/** Whose clock says what time it is: the reader's, or UTC. */
export type Clock = 'local' | 'utc';

/**
 * A moment in epoch milliseconds: so long ago (`10m`, `1h30m`, `2d`), RFC 3339, or what `clock` says, with a date or
 * without. A day or a year that is not said is the last that makes the moment no later than `now`. Undefined where it is
 * none of these.
 */
export function parseMoment(text: string, now: number, clock: Clock = 'local'): number | undefined {
  if (RFC3339.test(text)) {
    const time = Date.parse(text.toUpperCase());
    return Number.isNaN(time) ? undefined : time;
  }
  if (/^(?:\d+(?:\.\d+)?[smhd])+$/.test(text)) return now - agoMs(text);
  const parts = CLOCK_TIME.exec(text)?.slice(1);
  return parts === undefined ? undefined : clockMoment(parts, now, clock);
}

function agoMs(text: string): number {
  let ago = 0;
  for (const [, count, unit] of text.matchAll(/([\d.]+)([smhd])/g))
    ago += Number(count) * (UNITS[unit as string] as number);
  return ago;
}

function clockMoment(parts: readonly (string | undefined)[], now: number, clock: Clock): number | undefined {
  const [year, month, day, hours, minutes, seconds = '0', fraction = ''] = parts;
  const time = [hours, minutes, seconds, fraction.padEnd(3, '0').slice(0, 3)].map(Number);
  const today = dateOf(now, clock);
  const at = (date: CalendarDate): number => momentOf(date, time, clock);
  if (month === undefined) return latest(at(today), () => at({ ...today, day: today.day - 1 }), now);
  const date = { year: Number(year ?? today.year), month: Number(month), day: Number(day) };
  const moment = at(date);
  const said = dateOf(moment, clock);
  // What a calendar does not have, like the 30th of February, becomes another day there.
  if (said.year !== date.year || said.month !== date.month || said.day !== date.day) return undefined;
  return year === undefined ? latest(moment, () => at({ ...date, year: date.year - 1 }), now) : moment;
}

/** A day, its month from 1. */
interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

function dateOf(moment: number, clock: Clock): CalendarDate {
  const date = new Date(moment);
  return clock === 'utc'
    ? { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
    : { year: date.getFullYear(), month: date.getMonth() + 1, day: date.getDate() };
}

function momentOf({ year, month, day }: CalendarDate, time: readonly number[], clock: Clock): number {
  const [hours = 0, minutes = 0, seconds = 0, ms = 0] = time;
  return clock === 'utc'
    ? Date.UTC(year, month - 1, day, hours, minutes, seconds, ms)
    : new Date(year, month - 1, day, hours, minutes, seconds, ms).getTime();
}

function latest(moment: number, before: () => number, now: number): number {
  return moment <= now ? moment : before();
}
