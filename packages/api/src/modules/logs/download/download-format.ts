import type { Gap } from '@kubidu/contracts';
import type { Excerpt } from '@kubidu/core';
import { fileLine, gapLine } from '@kubidu/text';

/** How a stream is written into a file, and what that file is. */
export interface DownloadFormat {
  readonly type: string;
  /** The end of its name. */
  readonly extension: string;
  /** Lines, each with its line feed. */
  entries(excerpt: Excerpt): string[];
  gap(gap: Gap): string;
}

/** For people and `grep`. */
const text: DownloadFormat = {
  type: 'text/plain; charset=utf-8',
  extension: 'log',
  entries: (excerpt) => excerpt.entries().map(fileLine),
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
