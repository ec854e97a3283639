const PARTS = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d):(\d\d)(\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/**
 * An RFC 3339 time in UTC, its fraction of a second untouched: a Date holds milliseconds, sources know nanoseconds. A
 * leap second becomes the last moment of the second before it, since no Date knows a second 60. What is no such time, or
 * lies outside the years 0000 to 9999 in UTC, comes back as it is.
 */
export function toUtc(timestamp: string): string {
  const simple =
    timestamp.charCodeAt(timestamp.length - 1) === 90 /* Z */ &&
    timestamp.charCodeAt(10) === 84 /* T */ &&
    timestamp.charCodeAt(17) !== 54; /* 6 */
  if (simple) return timestamp;
  const parts = PARTS.exec(timestamp);
  if (!parts) return timestamp;
  const [, day = '', minute = '', second = '', fraction = '', sign, hours = '0', minutes = '0'] = parts;
  const leap = second === '60';
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  const utcMs = Date.parse(`${day}T${minute}:${leap ? '59' : second}Z`) - offsetMs;
  if (!(utcMs >= FIRST_MS && utcMs <= LAST_MS)) return timestamp;
  return `${new Date(utcMs).toISOString().slice(0, 19)}${leap ? '.999999999' : fraction}Z`;
}

const FIRST_MS = Date.parse('0000-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59Z');
