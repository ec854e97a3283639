import type { LogEntry } from '@kubidu/contracts';

/** Fields that are an entry's own, and only that: the same words inside a line of JSON do not count. */
export const OWN_FIELDS: ReadonlyMap<string, keyof LogEntry> = new Map([
  ['level', 'level'],
  ['pod', 'podName'],
  ['podName', 'podName'],
  ['container', 'container'],
  ['stream', 'stream'],
  ['step', 'step'],
  ['restart', 'restart'],
]);

/** Fields of structured sources: an entry has them, or the line of JSON or logfmt that is its message. */
export const SHARED_FIELDS: readonly string[] = ['id', 'state', 'location', 'elapsed', 'context', 'event', 'truncated'];

export function isOwnField(name: string): boolean {
  return OWN_FIELDS.has(name);
}
