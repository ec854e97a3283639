import { z } from 'zod';

import type { ErrorBody, ErrorCode } from './errors.ts';
import { Id, StreamName } from './identifier.ts';
import { LIMITS } from './limits.ts';
import type { LogEntry, Outcome } from './log-entry.ts';
import type { StreamId } from './stream-id.ts';

/** Indexes `from` to `to`, both included, that can no longer be had: their time is over, or room was needed. */
export const Gap = z.object({ from: z.int().min(1), to: z.int().min(1), reason: z.enum(['expired', 'trimmed']) });
export type Gap = Readonly<z.infer<typeof Gap>>;

/** Why indexes can no longer be had. */
export type GapReason = Gap['reason'];

/** One container that writes a stream now. */
export interface Source {
  readonly podName: string;
  readonly container: string;
  /** waiting | running | terminated, as Kubernetes names them. */
  readonly state: string;
}

const index = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

const options = {
  sinceIndex: index.optional().describe('Deliver what is after this index. Wins over `lines`.'),
  lines: z
    .int()
    .min(0)
    .max(LIMITS.lines)
    .default(LIMITS.linesDefault)
    .describe('How many of the newest to start with.'),
  batch: z.boolean().default(false).describe('Deliver `logs` with several entries instead of one `log` each.'),
  query: z.string().optional().describe('Deliver only what matches this query; `lines` then counts what matches.'),
};

/** `subscribe:runtime`. */
export const SubscribeRuntime = z.object({ serviceId: Id, ...options });
export type SubscribeRuntime = z.input<typeof SubscribeRuntime>;

/** `subscribe:build`. */
export const SubscribeBuild = z.object({ deploymentId: Id, ...options });
export type SubscribeBuild = z.input<typeof SubscribeBuild>;

/** `subscribe`. */
export const Subscribe = z.object({ stream: StreamName, ...options });
export type Subscribe = z.input<typeof Subscribe>;

/** `unsubscribe`. */
export const Unsubscribe = z.object({ stream: StreamName });
export type Unsubscribe = z.input<typeof Unsubscribe>;

/** `history`: the page next before `before` or after `after`; with neither, the newest. */
export const History = z
  .object({
    stream: StreamName,
    before: index.optional(),
    after: index.optional(),
    limit: z.int().min(1).max(LIMITS.pageEntries).default(LIMITS.pageEntriesDefault),
    // Refused rather than ignored: whoever asked for a filter must not take what comes for its result.
    query: z.undefined({ error: 'is for pages over HTTP' }).optional(),
  })
  .refine((request) => request.before === undefined || request.after === undefined, {
    message: 'cannot be combined with `after`',
    path: ['before'],
  });
export type History = z.input<typeof History>;

/** What an acknowledgement carries. */
export type Ack<T> = ({ ok: true } & T) | { ok: false; error: ErrorBody };

/** Acknowledges a subscription. */
export interface Subscribed {
  stream: StreamId;
  room: string;
  firstIndex: number;
  lastIndex: number;
  ended?: Outcome;
}

/** Entries of a stream, ascending, with what lies between them and can't be had. */
export interface HistoryPage {
  entries: LogEntry[];
  firstIndex: number;
  lastIndex: number;
  gaps: Gap[];
}

/** Client → server. */
export interface ClientEvents {
  'subscribe:runtime': (request: SubscribeRuntime, ack?: (answer: Ack<Subscribed>) => void) => void;
  'subscribe:build': (request: SubscribeBuild, ack?: (answer: Ack<Subscribed>) => void) => void;
  subscribe: (request: Subscribe, ack?: (answer: Ack<Subscribed>) => void) => void;
  unsubscribe: (request: Unsubscribe, ack?: (answer: Ack<object>) => void) => void;
  history: (request: History, ack?: (answer: Ack<HistoryPage>) => void) => void;
}

/** Server → client. */
export interface ServerEvents {
  'logs:history': (entries: LogEntry[], about: { stream: StreamId; firstIndex: number; lastIndex: number }) => void;
  log: (entry: LogEntry, about: { stream: StreamId }) => void;
  logs: (entries: LogEntry[], about: { stream: StreamId }) => void;
  'logs:gap': (gap: Gap & { stream: StreamId }) => void;
  'logs:end': (end: Outcome & { stream: StreamId; lastIndex: number }) => void;
  'logs:sources': (about: { stream: StreamId; sources: Source[] }) => void;
  error: (error: { message: string; code: ErrorCode; stream?: string }) => void;
}
