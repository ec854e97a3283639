const UNITS = ['kB', 'MB', 'GB', 'TB'];

/** Bytes for people, in powers of 1,000: `512 B`, `1.2 kB`, `34 MB`. */
export function byteCount(bytes: number): string {
  let size = bytes;
  let unit = 'B';
  for (const next of UNITS) {
    if (size < 999.5) break;
    size /= 1_000;
    unit = next;
  }
  return `${unit === 'B' || size >= 99.95 ? Math.round(size) : size.toFixed(1)} ${unit}`;
}
