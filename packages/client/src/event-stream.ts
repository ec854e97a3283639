import type { Gap, LogEntry, Outcome } from '@kubidu/contracts';

import { answer, unreachable } from './answer.ts';
import { BACKOFF, delayBefore } from './backoff.ts';
import { ClientError, errorFromBody } from './client-error.ts';
import { pacedBytes } from './paced-bytes.ts';
import { pause } from './pause.ts';
import { serverEvents } from './server-events.ts';
import type { ServerEvent } from './server-events.ts';
import { StallWatch } from './stall-watch.ts';
import type { SubscriptionItem } from './subscription-item.ts';

/** What a stream over HTTP gives, in order: the same items as a subscription. */
export type EventStreamItem = Extract<SubscriptionItem, { type: 'entries' | 'gap' | 'end' | 'reconnecting' }>;

/** Where a stream begins, and what of it is wanted. */
export interface EventStreamOptions {
  /** Give what is after this index. Wins over `lines`. */
  readonly sinceIndex?: number | undefined;
  /** How many of the newest to start with: 0 to 10,000; default 100. */
  readonly lines?: number | undefined;
  /** Give only what matches, in the query language; `lines` then counts what matches. */
  readonly query?: string | undefined;
}

/** Asks for a stream, behind what was had of it; `until` ends the request and its answer. */
export type OpenEvents = (lastEventId: string | undefined, until: AbortSignal) => Promise<Response>;

/** How long to wait for an answer, in milliseconds, and what ends everything. */
export interface Patience {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a stream of events to its end, through every outage: each time behind the last id that came.
 * @throws ClientError where the server refuses for good; the signal's reason
 */
export async function* eventStream(
  open: OpenEvents,
  patience: Patience,
): AsyncGenerator<EventStreamItem, void, undefined> {
  const { signal } = patience;
  let lastEventId: string | undefined;
  for (let failures = 0; ;) {
    let taken = false;
    let failure = new ClientError('UNREACHABLE', 'the response ended');
    try {
      const bytes = await opened(open, lastEventId, patience);
      if (bytes === undefined) return;
      for await (const events of serverEvents(bytes)) {
        taken = true;
        failures = 0;
        const { id } = events.at(-1) as ServerEvent;
        if (id !== '') lastEventId = id;
        for (const item of itemsOf(events)) {
          yield item;
          if (item.type === 'end') return;
        }
      }
    } catch (cause) {
      signal?.throwIfAborted();
      // A token that was good and has expired may be another one by now.
      const expired = taken && cause instanceof ClientError && cause.code === 'UNAUTHENTICATED';
      if (!(cause instanceof ClientError) || !(cause.retry || expired)) throw cause;
      failure = cause;
    }
    yield { type: 'reconnecting', attempt: ++failures, error: failure };
    await pause(Math.max(delayBefore(failures, BACKOFF), failure.retryAfterMs ?? 0), signal);
  }
}

/** The body of an answer; undefined where everything, the end too, was told before. */
async function opened(
  open: OpenEvents,
  lastEventId: string | undefined,
  { timeoutMs, signal }: Patience,
): Promise<ReadableStream<Uint8Array> | undefined> {
  signal?.throwIfAborted();
  const stalled = new StallWatch(timeoutMs);
  const until = signal === undefined ? stalled.signal : AbortSignal.any([signal, stalled.signal]);
  const failure = (cause: unknown): unknown => (signal?.aborted ? signal.reason : unreachable(cause, until));
  try {
    const response = await open(lastEventId, until);
    const isEvents = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    if (response.ok && isEvents && response.body) return pacedBytes(response.body, stalled, failure);
    if (response.status !== 204) {
      if (!response.ok) await answer(response);
      await response.body?.cancel();
      throw new ClientError('NOT_KUBIDU', `no events at ${new URL(response.url).pathname}`);
    }
    stalled.close();
    return undefined;
  } catch (cause) {
    stalled.close();
    throw failure(cause);
  }
}

/** What events tell. @throws ClientError what an `error` among them says, NOT_KUBIDU for one that is not of our form */
function* itemsOf(events: readonly ServerEvent[]): Generator<EventStreamItem> {
  let entries: LogEntry[] = [];
  for (const { event, data } of events) {
    if (event === 'log') {
      entries.push(parsed<LogEntry>(data));
      continue;
    }
    if (entries.length > 0) yield { type: 'entries', entries };
    entries = [];
    if (event === 'gap') yield { type: 'gap', ...parsed<Gap>(data) };
    else if (event === 'end') yield { type: 'end', ...parsed<Outcome & { readonly lastIndex: number }>(data) };
    else if (event === 'error') throw errorFromBody(parsed(data)) ?? new ClientError('NOT_KUBIDU', 'an unknown error');
  }
  if (entries.length > 0) yield { type: 'entries', entries };
}

function parsed<T>(data: string): T {
  try {
    return JSON.parse(data) as T;
  } catch (cause) {
    throw new ClientError('NOT_KUBIDU', 'an event is no JSON', { cause });
  }
}
