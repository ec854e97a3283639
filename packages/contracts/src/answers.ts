import { z } from 'zod';

import { ERRORS } from './errors.ts';
import type { ErrorCode } from './errors.ts';
import { StreamName } from './identifier.ts';
import { Level, LogEntry, Outcome } from './log-entry.ts';
import { Gap } from './socket.ts';

/** 0 for a stream without entries. */
const index = z.int().min(0);
const time = z.string().describe('RFC 3339, in UTC.');

/** Answer to `Ingest`: what became of the entries. */
export const Ingested = z.object({
  accepted: z.int().min(0).describe('Entries that were stored.'),
  duplicates: z.int().min(0).describe('Entries that were left out, since their ids had been stored before.'),
  lastIndex: index,
});
export type Ingested = z.infer<typeof Ingested>;

/** Answer to `EndStream`: how the stream ended, which another outcome does not change any more. */
export const Ended = z.object({ stream: StreamName, lastIndex: index, ...Outcome.shape });
export type Ended = z.infer<typeof Ended>;

/** One stream as it is listed. Times are RFC 3339. */
export const StreamInfo = z.object({
  stream: StreamName,
  firstIndex: z.int().min(1).describe('1 where nothing is stored yet.'),
  lastIndex: index,
  bytes: z.int().min(0).describe('Bytes held as stored.'),
  createdAt: time,
  lastAt: time.describe('When something was stored last, or the stream ended; RFC 3339, in UTC.'),
  ended: Outcome.exactOptional(),
});
export type StreamInfo = z.infer<typeof StreamInfo>;

/** Answer to `ListStreams`; `next` is the next page's `cursor`. */
export const StreamPage = z.object({
  streams: z.array(StreamInfo),
  next: z.string().exactOptional().describe('The `cursor` of the next page; absent on the last.'),
});
export type StreamPage = z.infer<typeof StreamPage>;

/** Answer to `ReadLogs`; `next` is the next page's `after`, `previous` the one's `before`. */
export const LogPage = z.object({
  entries: z.array(LogEntry).describe('Ascending by index.'),
  firstIndex: z.int().min(1),
  lastIndex: index,
  gaps: z.array(Gap).describe('Indexes of this page that can no longer be had.'),
  next: index.exactOptional().describe('The `after` of the next page; absent where this one reaches the end.'),
  previous: index.exactOptional().describe('The `before` of the page before this one; absent at the beginning.'),
});
export type LogPage = z.infer<typeof LogPage>;

/** What was written within one stretch of time. */
export const HistogramBucket = z.object({
  from: time.describe('When it begins: a multiple of `bucketSeconds` since 1970; RFC 3339, in UTC.'),
  lines: z.int().min(1).describe('All lines, also those without a level.'),
  levels: z.partialRecord(Level, z.int().min(1)).describe('Lines by level; one of which there are none is left out.'),
});
export type HistogramBucket = z.infer<typeof HistogramBucket>;

/** Answer to `CountLogs`: how many lines of which level were written when. */
export const LogHistogram = z.object({
  bucketSeconds: z.int().min(1).describe('How long each bucket is: a power of two.'),
  buckets: z.array(HistogramBucket).describe('Ascending, without those in which nothing was written.'),
  scannedTo: index.describe('Everything from this index on was counted: a histogram `before` it goes on.'),
  lastIndex: index.describe('Everything up to this index was counted.'),
  complete: z.boolean().describe('Whether nothing is left to count before `scannedTo`.'),
  exact: z
    .boolean()
    .describe('Whether each line was counted when it was written; else archived ones are spread over their stretch.'),
});
export type LogHistogram = z.infer<typeof LogHistogram>;

/** One container of a service. */
export const ServicePod = z.object({
  podName: z.string(),
  container: z.string(),
  state: z.string(),
  restart: z.int().min(0),
});
export type ServicePod = z.infer<typeof ServicePod>;

/** One service as it is listed. */
export const Service = z.object({
  serviceId: z.string(),
  tenant: z.string().exactOptional(),
  pods: z.array(ServicePod).describe('Empty for a service that has written before and does not run now.'),
  latestDeploymentId: z.string().exactOptional().describe('The newest of its deployments that one may see.'),
});
export type Service = z.infer<typeof Service>;

/** Answer to `GET /api/services`. */
export const ServiceList = z.object({ services: z.array(Service) });
export type ServiceList = z.infer<typeof ServiceList>;

/** Answer to `GET /api/me`: who the token says one is, and what one may do. */
export const Me = z.object({
  subject: z.string(),
  tenants: z.array(z.string()),
  streams: z.array(z.string()).describe('Patterns like `build:*`.'),
  admin: z.boolean(),
  expiresAt: time.exactOptional(),
  authentication: z.enum(['off', 'token']),
});
export type Me = z.infer<typeof Me>;

/** Answer to `GET /readyz`: whether a server can do its work, and the state of what it depends on, by name. */
export const ReadinessReport = z.object({
  ready: z.boolean(),
  dependencies: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string().exactOptional() })),
});
export type ReadinessReport = z.infer<typeof ReadinessReport>;

/** What every failed request is answered. */
export const ErrorAnswer = z.object({
  error: z.object({
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
    message: z.string(),
    details: z
      .array(
        z.object({
          field: z.string().describe('Which one is wrong, like `entries[3].timestamp`.'),
          message: z.string(),
          column: z.int().min(1).exactOptional().describe('Where in the field; its first character is 1.'),
        }),
      )
      .readonly()
      .exactOptional(),
    requestId: z.string().exactOptional().describe('Only with INTERNAL: what to quote when reporting it.'),
  }),
});
export type ErrorAnswer = z.infer<typeof ErrorAnswer>;
