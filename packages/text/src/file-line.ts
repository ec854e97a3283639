import type { LogEntry } from '@kubidu/contracts';

/** What would begin a line of its own, or move the cursor of whoever shows the file. */
const CONTROL = /[\0-\x1f\x7f-\x9f\u2028\u2029]/g;

/**
 * An entry in a file for people and `grep`, with its line feed: the time, where it was written, and the message as it is.
 * A line without a time is none of the log's.
 */
export function fileLine({ timestamp, podName, container, message }: LogEntry): string {
  const where = [podName, container].map((name) => (name === undefined ? '' : `${name.replace(CONTROL, '?')} `));
  return `${timestamp} ${where.join('')}${message}\n`;
}
