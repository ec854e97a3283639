import { z } from 'zod';

import type { ErrorBody } from './errors.ts';
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

/** Why a search is over; see {@link SearchDone}. */
export type SearchReason = 'limit' | 'beginning' | 'time' | 'error';

/** Something that a search found. They come newest first. */
export interface SearchMatch {
  type: 'match';
  entry: LogEntry;
}

/** How far a search is. */
export interface SearchProgress {
  type: 'progress';
  /** Everything from this index on was looked at: a search `before` it goes on. */
  scannedTo: number;
  /** Characters of the entries that had to be read. */
  scannedBytes: number;
  matches: number;
}

/**
 * The last line of a search. `limit`: as many were found as were asked for. `beginning`: there is nothing more. `time`: it
 * ran as long as one may. `error`: it could not go on, see `error`. Without it the answer was cut off.
 */
export interface SearchDone {
  type: 'done';
  reason: SearchReason;
  error?: ErrorBody;
  /** What of the indexes that were searched can no longer be had, ascending; the newest hundred. */
  gaps?: Gap[];
}

/** A line of the answer to {@link SearchLogs}. */
export type SearchLine = SearchMatch | SearchProgress | SearchDone;

/** Body of `POST /api/streams/:stream/entries`. */
export const Ingest = z.strictObject({ entries: z.array(IngestEntry).max(LIMITS.ingestEntries) });
export type Ingest = z.infer<typeof Ingest>;

/** Body of `POST /api/streams/:stream/end`. */
export const EndStream = z.strictObject(Outcome.shape);
export type EndStream = z.infer<typeof EndStream>;

/** What a principal may do to a stream. */
export type Action = 'read' | 'write' | 'build';
