const PARTS = /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** An RFC 3339 time in UTC, its fraction of a second untouched: a Date holds milliseconds, sources know nanoseconds. */
export function toUtc(timestamp: string): string {
  if (timestamp.charCodeAt(timestamp.length - 1) === 90 /* Z */ && timestamp.charCodeAt(10) === 84 /* T */)
    return timestamp;
  const parts = PARTS.exec(timestamp);
  if (!parts) return timestamp;
  const [, seconds = '', fraction = '', sign, hours = '0', minutes = '0'] = parts;
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  const utc = new Date(Date.parse(`${seconds}Z`) - offsetMs).toISOString();
  return `${utc.slice(0, 19)}${fraction}Z`;
}
