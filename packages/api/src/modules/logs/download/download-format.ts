import type { Gap, LogEntry } from '@kubidu/contracts';
import type { Excerpt } from '@kubidu/core';

import { gapLine } from '../gap-line.ts';

/** How a stream is written into a file, and what that file is. */
export interface DownloadFormat {
  readonly type: string;
  /** The end of its name. */
  readonly extension: string;
  /** Lines, each with its line feed. */
  entries(excerpt: Excerpt): string[];
  gap(gap: Gap): string;
}

/** What would begin a line of its own, or move the cursor of whoever shows the file. */
const CONTROL = /[\0-\x1f\x7f-\x9f\u2028\u2029]/g;

/** For people and `grep`: the time, where it was written, and the message as it is. A line without a time is none of the log's. */
const text: DownloadFormat = {
  type: 'text/plain; charset=utf-8',
  extension: 'log',
  entries: (excerpt) => excerpt.entries().map(lineOf),
  gap: (gap) => `${gapLine(gap)}\n`,
};

/** For programs: a LogEntry a line; a gap is an object with a `type`, which no entry has. */
const ndjson: DownloadFormat = {
  type: 'application/x-ndjson; charset=utf-8',
  extension: 'ndjson',
  entries: (excerpt) => excerpt.indexed().map((entry) => `${entry}\n`),
  gap: ({ from, to, reason }) => `${JSON.stringify({ type: 'gap', from, to, reason })}\n`,
};

/** The formats by their names. */
export const DOWNLOAD_FORMATS = { log: text, ndjson } as const;

function lineOf({ timestamp, podName, container, message }: LogEntry): string {
  const where = [podName, container].map((name) => (name === undefined ? '' : `${name.replace(CONTROL, '?')} `));
  return `${timestamp} ${where.join('')}${message}\n`;
}
