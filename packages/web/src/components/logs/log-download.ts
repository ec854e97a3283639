import { plainText } from '@kubidu/query/lazy';
import { fileLine } from '@kubidu/text';
import type { LogEntry } from '@kubidu/contracts';

import type { LogView } from './log-view.ts';
import { filterQuery } from './model/filter-query.ts';
import type { LogModel } from './model/log-model.ts';

/** How lines are written: text as on a terminal, or each as the JSON of its entry. */
export type DownloadFormat = 'log' | 'ndjson';

/** What to save: the lines that the filters leave, or all there are. */
export type DownloadScope = 'shown' | 'everything';

const TYPES = { log: 'text/plain', ndjson: 'application/x-ndjson' } as const;

/** Entries of one page. */
const PAGE = 5_000;

/** How far it came: lines that were read, or bytes that came. */
export type Progress = { readonly lines: number } | { readonly bytes: number };

/**
 * The lines of a log as a file, to what is the last line now. Everything is as the server writes it; what is shown is read
 * page by page with the same query that the filters are, and written in the same form.
 * @throws {ClientError} also when it breaks off: there is no half of a file
 */
export function downloaded(
  model: LogModel,
  view: LogView,
  { format, scope }: { format: DownloadFormat; scope: DownloadScope },
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Blob> {
  return scope === 'everything'
    ? everything(model, format, onProgress, signal)
    : shown(model, view, format, onProgress, signal);
}

async function everything(
  model: LogModel,
  format: DownloadFormat,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Blob> {
  let bytes = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      bytes += piece.byteLength;
      onProgress({ bytes });
      controller.enqueue(piece);
    },
  });
  const stream = await model.download(format, signal);
  // A blob is the browser's to keep, on disk where it is large.
  return new Response(stream.pipeThrough(counted), { headers: { 'content-type': TYPES[format] } }).blob();
}

async function shown(
  model: LogModel,
  view: LogView,
  format: DownloadFormat,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Blob> {
  const parts: Blob[] = [];
  const query = filterQuery(view, view.only === true ? view.query : '');
  const { last } = model.getSnapshot();
  const to = Math.min(view.to ?? last, last);
  let lines = 0;
  let after: number | undefined = (view.from ?? 1) - 1;
  while (after !== undefined && after < to) {
    const page: { entries: readonly LogEntry[]; next?: number } = await model.page(
      { after, limit: PAGE, query },
      signal,
    );
    const entries = page.entries.filter(({ index }) => index <= to);
    parts.push(new Blob(entries.map((entry) => written(entry, format))));
    lines += entries.length;
    onProgress({ lines });
    after = page.next;
  }
  return new Blob(parts, { type: TYPES[format] });
}

/** One line of a file, with its line feed. */
function written(entry: LogEntry, format: DownloadFormat): string {
  return format === 'log' ? fileLine(entry) : `${JSON.stringify(entry)}\n`;
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
