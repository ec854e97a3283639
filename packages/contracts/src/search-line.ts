import { z } from 'zod';

import { ErrorAnswer } from './answers.ts';
import { LogEntry } from './log-entry.ts';
import { Gap } from './socket.ts';

/** Something that a search found. They come newest first. */
export const SearchMatch = z.object({ type: z.literal('match'), entry: LogEntry });
export type SearchMatch = z.infer<typeof SearchMatch>;

/** How far a search is. */
export const SearchProgress = z.object({
  type: z.literal('progress'),
  scannedTo: z.int().min(0).describe('Everything from this index on was looked at: a search `before` it goes on.'),
  scannedBytes: z.int().min(0).describe('Characters of the entries that had to be read.'),
  matches: z.int().min(0),
});
export type SearchProgress = z.infer<typeof SearchProgress>;

/** The last line of a search; without it the answer was cut off. */
export const SearchDone = z.object({
  type: z.literal('done'),
  reason: z
    .enum(['limit', 'beginning', 'time', 'error'])
    .describe(
      '`limit`: as many were found as were asked for. `beginning`: there is nothing more. `time`: it ran as long as one may. `error`: it could not go on.',
    ),
  error: ErrorAnswer.shape.error.exactOptional(),
  gaps: z
    .array(Gap)
    .exactOptional()
    .describe('What of the indexes that were searched can no longer be had, ascending; the newest hundred.'),
});
export type SearchDone = z.infer<typeof SearchDone>;

/** Why a search is over; see {@link SearchDone}. */
export type SearchReason = SearchDone['reason'];

/** A line of the answer to `SearchLogs`. */
export const SearchLine = z.discriminatedUnion('type', [SearchMatch, SearchProgress, SearchDone]);
export type SearchLine = z.infer<typeof SearchLine>;
