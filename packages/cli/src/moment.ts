const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** A moment in epoch milliseconds: so long ago (`10m`, `1h30m`, `2d`), or RFC 3339. Undefined where it is neither. */
export function parseMoment(text: string, now: number): number | undefined {
  if (RFC3339.test(text)) {
    const time = Date.parse(text.toUpperCase());
    return Number.isNaN(time) ? undefined : time;
  }
  if (!/^(?:\d+(?:\.\d+)?[smhd])+$/.test(text)) return undefined;
  let ago = 0;
  for (const [, count, unit] of text.matchAll(/([\d.]+)([smhd])/g))
    ago += Number(count) * (UNITS[unit as string] as number);
  return now - ago;
}
