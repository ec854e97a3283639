import { z } from 'zod';

import { LEVELS } from './levels.ts';

/** How severe an entry is. */
export const Level = z.enum(LEVELS);
export type Level = z.infer<typeof Level>;

/** How a stream ended. */
export const Outcome = z.object({
  status: z.enum(['succeeded', 'failed', 'cancelled', 'lost']),
  exitCode: z.int().min(-255).max(255).optional(),
});
export type Outcome = z.infer<typeof Outcome>;

const count = z.int().min(0);

/** What a `system` entry tells; its message says the same in words. */
export const LogEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('container-started'), restart: count.optional(), image: z.string().optional() }),
  z.object({
    type: z.literal('container-exited'),
    exitCode: z.int(),
    reason: z.string(),
    signal: z.union([z.string(), z.int()]).optional(),
    restart: count,
  }),
  z.object({ type: z.literal('pod-deleted') }),
  z.object({
    type: z.literal('lost'),
    lines: count.optional(),
    reason: z.string(),
    podName: z.string().optional(),
    container: z.string().optional(),
  }),
  z.object({
    type: z.literal('build-step'),
    step: count,
    total: count.optional(),
    name: z.string(),
    status: z.enum(['started', 'cached', 'succeeded', 'failed', 'cancelled']),
    durationMs: z.number().min(0).optional(),
  }),
  z.object({
    type: z.literal('build-finished'),
    status: Outcome.shape.status,
    exitCode: z.int().optional(),
    image: z.string().optional(),
  }),
  z.object({ type: z.literal('release'), deploymentId: z.string() }),
]);
export type LogEvent = z.infer<typeof LogEvent>;

/** RFC 3339 with up to nanoseconds and any offset, on a day that there was; stored in UTC. */
export const Timestamp = z
  .string()
  .max(64)
  .regex(
    /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/,
    { error: 'must be an RFC 3339 time, like 2026-11-20T23:16:57.856Z', abort: true },
  )
  .refine(isRealDay, 'must be a day of the calendar');

/** Whether the day is one that its month has: engines differ in what they make of the 31st of April. */
function isRealDay(time: string): boolean {
  return new Date(`${time.slice(0, 10)}T00:00:00Z`).getUTCDate() === Number(time.slice(8, 10));
}

const fields = {
  timestamp: Timestamp,
  message: z.string(),
  stream: z.enum(['stdout', 'stderr', 'system']).optional(),
  level: Level.optional(),
  podName: z.string().optional(),
  container: z.string().optional(),
  restart: count.optional(),
  step: count.optional(),
  id: z.string().optional(),
  state: z.string().optional(),
  location: z.string().optional(),
  context: z.record(z.string(), z.unknown()).optional(),
  elapsed: z.string().optional(),
  truncated: count.optional(),
  event: LogEvent.optional(),
};

/** An entry before it is stored: everything but its index. */
export const NewEntry = z.object(fields);
export type NewEntry = z.infer<typeof NewEntry>;

/** One stored line of a stream. `index` is its place, given once, for ever; absent fields are absent, never null. */
export const LogEntry = z.object({ index: z.int().min(1), ...fields });
export type LogEntry = z.infer<typeof LogEntry>;

const short = z.string().max(1_024);

/** An entry as `POST /api/streams/:stream/entries` takes it; `id` makes sending it twice harmless. */
export const IngestEntry = z.strictObject({
  id: z.string().min(1).max(128),
  timestamp: Timestamp,
  message: z.string().regex(/^[^\n]*$/, 'must be one line; send one entry for each line'),
  stream: z.enum(['stdout', 'stderr']).optional(),
  level: Level.optional(),
  podName: short.optional(),
  container: short.optional(),
  restart: count.optional(),
  step: count.optional(),
  state: short.optional(),
  location: short.optional(),
  context: z.record(z.string(), z.unknown()).optional(),
  elapsed: short.optional(),
});
export type IngestEntry = z.infer<typeof IngestEntry>;
