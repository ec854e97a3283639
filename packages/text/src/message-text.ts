import type { LogEntry } from '@kubidu/contracts';

import { number } from './number.ts';
import { terminalText } from './terminal-text.ts';

/** An entry's message as people read it: what the system says is marked, what was cut off is counted. */
export function messageText(entry: LogEntry, colours: boolean): string {
  const message = terminalText(entry.message, colours);
  if (entry.stream === 'system') return systemLine(message, entry, colours);
  return entry.truncated === undefined ? message : `${message} … ${number(entry.truncated)} bytes cut`;
}

/** To the millisecond: a reader's eyes have no use for more, and `-o json` has all. */
export function shortTime(timestamp: string): string {
  const fraction = timestamp.length > 24 && timestamp[19] === '.' && timestamp.endsWith('Z');
  return terminalText(fraction ? `${timestamp.slice(0, 23)}Z` : timestamp, false);
}

function systemLine(message: string, entry: LogEntry, colours: boolean): string {
  if (!colours) return `● ${message}`;
  return `\x1b[${entry.event?.type === 'lost' ? 33 : 2}m● ${message}\x1b[0m`;
}
