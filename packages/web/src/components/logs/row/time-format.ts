import type { Timestamps } from '../log-view.ts';

/** Writes an entry's time into a row. */
export type TimeFormat = (timestamp: string, nowMs: number) => string;

/** Most minutes whose local time is kept; then all are forgotten. */
const MINUTES = 4_096;

/**
 * How times are written: `11-20 23:16:57.856` by the clock of `timeZone` or in UTC, `5m ago`, or not at all. Looks at a
 * date once a minute of the log, since within a minute no clock changes what it is apart from UTC. What is no time is
 * written as it is.
 *
 * @param timeZone of `local`; absent: the reader's
 */
export function timeFormat(timestamps: Timestamps, timeZone?: string): TimeFormat {
  switch (timestamps) {
    case 'off':
      return () => '';
    case 'utc':
      return (timestamp) =>
        isUtc(timestamp) ? `${timestamp.slice(5, 10)} ${padded(timestamp.slice(11, 23))}` : timestamp;
    case 'local':
      return localFormat(timeZone);
    case 'relative':
      return (timestamp, nowMs) => {
        const at = Date.parse(timestamp);
        return Number.isNaN(at) ? timestamp : age(nowMs - at);
      };
  }
}

/** How long ago something was, in two characters or a few more: `now`, `5s ago`, `3h ago`, `2d ago`. */
export function age(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 1) return 'now';
  if (seconds < 60) return `${seconds}s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h ago`;
  return `${Math.floor(seconds / 86_400)}d ago`;
}

function localFormat(timeZone: string | undefined): TimeFormat {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const minutes = new Map<string, string>();
  return (timestamp) => {
    if (!isUtc(timestamp)) return timestamp;
    const minute = timestamp.slice(0, 16);
    let local = minutes.get(minute);
    if (local === undefined) {
      const at = Date.parse(`${minute}:00Z`);
      if (Number.isNaN(at)) return timestamp;
      const parts = new Map(clock.formatToParts(at).map(({ type, value }) => [type, value]));
      local = `${parts.get('month')}-${parts.get('day')} ${parts.get('hour')}:${parts.get('minute')}`;
      if (minutes.size >= MINUTES) minutes.clear();
      minutes.set(minute, local);
    }
    return local + padded(timestamp.slice(16, 23));
  };
}

/** RFC 3339 in UTC, as entries have it. */
function isUtc(timestamp: string): boolean {
  return timestamp.endsWith('Z') && timestamp.charAt(10) === 'T' && timestamp.length >= 20;
}

/** To the millisecond, whatever the source gave, so that columns stand below each other: `…57Z` as `…57.000`. */
function padded(seconds: string): string {
  const [whole = '', fraction = ''] = seconds.replace('Z', '').split('.');
  return `${whole}.${fraction.padEnd(3, '0')}`;
}
