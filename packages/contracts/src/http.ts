import { z } from 'zod';

import { LIMITS } from './limits.ts';
import { IngestEntry, Outcome } from './log-entry.ts';
import { Moment } from './moment.ts';
import { STREAM_KINDS } from './stream-id.ts';

const number = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,16}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .pipe(z.int().min(least).max(most));

/** Query of `GET /api/streams`. */
export const ListStreams = z.object({
  kind: z.enum(STREAM_KINDS).optional(),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9._-]{0,128}$/, 'must be the beginning of an id')
    .optional(),
  limit: number(1, LIMITS.streamsPage).default(LIMITS.streamsPageDefault),
  cursor: z.string().max(256).optional(),
});
export type ListStreams = z.infer<typeof ListStreams>;

/**
 * Query of `GET /api/streams/:stream/logs`: the page after `after` or before `before`; with neither, from the beginning.
 * With `query` it holds what matches, with `since` and `until` what was written from the one on and before the other,
 * found by looking at {@link LIMITS.scanEntries} entries at most.
 */
export const ReadLogs = z
  .object({
    after: number(0, Number.MAX_SAFE_INTEGER).optional(),
    before: number(0, Number.MAX_SAFE_INTEGER).optional(),
    limit: number(1, LIMITS.pageEntries).default(LIMITS.pageEntriesDefault),
    query: z.string().optional(),
    since: Moment.optional(),
    until: Moment.optional(),
  })
  .refine((query) => query.before === undefined || query.after === undefined, {
    message: 'cannot be combined with `after`',
    path: ['before'],
  });
export type ReadLogs = z.infer<typeof ReadLogs>;

/** Query of `GET /api/streams/:stream/logs/search`: looks backwards, from the end or from `before`. */
export const SearchLogs = z
  .object({
    query: z.string().optional(),
    before: number(0, Number.MAX_SAFE_INTEGER).default(Number.MAX_SAFE_INTEGER),
    limit: number(1, LIMITS.searchMatches).default(LIMITS.searchMatchesDefault),
    since: Moment.optional(),
    until: Moment.optional(),
  })
  .refine(({ query = '', since, until }) => query.trim() !== '' || since !== undefined || until !== undefined, {
    message: 'is missing',
    path: ['query'],
  });
export type SearchLogs = z.infer<typeof SearchLogs>;

/** Query of `GET /api/streams/:stream/logs/histogram`: counts backwards, from the end or from `before`. */
export const CountLogs = z.object({
  before: number(0, Number.MAX_SAFE_INTEGER).default(Number.MAX_SAFE_INTEGER),
  buckets: number(1, LIMITS.histogramBuckets).default(LIMITS.histogramBucketsDefault),
  since: Moment.optional(),
  until: Moment.optional(),
});
export type CountLogs = z.infer<typeof CountLogs>;

/** Query of `GET /api/streams/:stream/logs/stream`; the header `Last-Event-ID` wins over `sinceIndex`, and that over `lines`. */
export const StreamLogs = z.object({
  sinceIndex: number(0, Number.MAX_SAFE_INTEGER).optional(),
  lines: number(0, LIMITS.lines).default(LIMITS.linesDefault),
  query: z.string().optional(),
});
export type StreamLogs = z.infer<typeof StreamLogs>;

/** Query of `GET /api/jobs/:id/logs/stream`: without `sinceIndex` and `lines`, from the beginning. */
export const StreamJob = z
  .object({ ...StreamLogs.shape, lines: number(0, LIMITS.lines).optional() })
  .transform(({ sinceIndex, lines, query }): StreamLogs => ({
    sinceIndex: sinceIndex ?? (lines === undefined ? 0 : undefined),
    lines: lines ?? 0,
    query,
  }));

/** Query of `GET /api/streams/:stream/logs/download`. */
export const DownloadLogs = z.object({
  format: z.enum(['log', 'ndjson']).default('log').describe('Lines of text, or a LogEntry a line.'),
  query: z.string().optional(),
  since: Moment.optional(),
  until: Moment.optional(),
});
export type DownloadLogs = z.infer<typeof DownloadLogs>;

/** Body of `POST /api/streams/:stream/entries`. */
export const Ingest = z.strictObject({ entries: z.array(IngestEntry).max(LIMITS.ingestEntries) });
export type Ingest = z.infer<typeof Ingest>;

/** Body of `POST /api/streams/:stream/end`. */
export const EndStream = z.strictObject(Outcome.shape);
export type EndStream = z.infer<typeof EndStream>;

/** What a principal may do to a stream. */
export type Action = 'read' | 'write' | 'build';
