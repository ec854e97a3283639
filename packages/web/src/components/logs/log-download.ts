import { plainText } from '@kubidu/query/lazy';
import type { LogEntry } from '@kubidu/contracts';

import type { LogView } from './log-view.ts';
import { filterQuery } from './model/filter-query.ts';
import type { LogModel } from './model/log-model.ts';

/** How lines are written: text as on a terminal, or each as the JSON of its entry. */
export type DownloadFormat = 'log' | 'ndjson';

/** What to save: the lines that the filters leave, or all there are. */
export type DownloadScope = 'shown' | 'everything';

/** Entries of one page. */
const PAGE = 5_000;

/**
 * The lines of a log as a file, read page by page to what is the last line now. What is shown is read with the same query
 * that the filters are. `onProgress` is told how many lines there are so far.
 */
export async function downloaded(
  model: LogModel,
  view: LogView,
  { format, scope }: { format: DownloadFormat; scope: DownloadScope },
  onProgress: (lines: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  const parts: Blob[] = [];
  const query = scope === 'shown' ? filterQuery(view, view.only === true ? view.query : '') : '';
  const { last } = model.getSnapshot();
  const to = scope === 'shown' ? Math.min(view.to ?? last, last) : last;
  let lines = 0;
  let after: number | undefined = scope === 'shown' ? (view.from ?? 1) - 1 : 0;
  while (after !== undefined && after < to) {
    const page: { entries: readonly LogEntry[]; next?: number } = await model.page(
      { after, limit: PAGE, query },
      signal,
    );
    const entries = page.entries.filter(({ index }) => index <= to);
    // A blob is the browser's to keep, on disk where it is large.
    parts.push(new Blob(entries.map((entry) => written(entry, format))));
    lines += entries.length;
    onProgress(lines);
    after = page.next;
  }
  return new Blob(parts, { type: format === 'log' ? 'text/plain' : 'application/x-ndjson' });
}

/** One line of a file, with its line feed. */
function written(entry: LogEntry, format: DownloadFormat): string {
  return format === 'log' ? `${plainText(entry.message)}\n` : `${JSON.stringify(entry)}\n`;
}

/** Lines with what stands before them: time, pod, container, level. */
export function withPrefix(entry: LogEntry): string {
  const source = [entry.podName, entry.container].filter((name) => name !== undefined).join('/');
  return [entry.timestamp, source, entry.level ?? '', plainText(entry.message)].filter((word) => word !== '').join(' ');
}

/** Hands a file to the browser, to be saved under a name. */
export function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
