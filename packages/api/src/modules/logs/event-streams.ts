import type { IncomingMessage, ServerResponse } from 'node:http';

import type { OnModuleDestroy } from '@nestjs/common';
import type { StreamId, StreamLogs } from '@kubidu/contracts';
import { LogsError } from '@kubidu/core';
import type { Clock } from '@kubidu/core';
import type { Logger } from 'pino';

import { invalid } from '../../http/parse.ts';
import { noSuchStream } from '../auth/access.ts';
import type { Access } from '../auth/access.ts';
import type { ApiPrincipal } from '../auth/api-principal.ts';
import { onTokenEnd } from '../auth/token-end.ts';
import type { Deliveries } from './delivery/deliveries.ts';
import { encoderOf } from './delivery/encoder-of.ts';
import { EventStream } from './event-stream.ts';
import type { EventForm } from './event-stream.ts';

/** What it takes to deliver over HTTP. */
export interface EventStreamsParts {
  readonly deliveries: Deliveries;
  readonly access: Pick<Access, 'may' | 'mustRead'>;
  /** Somebody reads the stream, until what is returned is disposed of. */
  readonly want: (stream: StreamId) => AsyncDisposable;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
}

/** One request for a stream as it goes on. */
export interface EventsAsked {
  readonly principal: ApiPrincipal;
  readonly stream: StreamId;
  readonly query: StreamLogs;
  readonly form: EventForm;
}

/** How long nothing may come before a heartbeat does. */
const HEARTBEAT_MS = 15_000;
/** Heartbeats from one look at the reader's rights to the next. */
const BEATS_A_CHECK = 4;

/**
 * Subscriptions over HTTP, as Server-Sent Events, of which a browser's EventSource resumes by itself. They are delivered
 * as those of sockets are; they end with the stream, with the token, with the right to read, and with this process.
 */
export class EventStreams implements OnModuleDestroy {
  readonly #parts: EventStreamsParts;
  readonly #open = new Set<EventStream>();
  #closing = false;

  constructor(parts: EventStreamsParts) {
    this.#parts = parts;
  }

  /**
   * Answers a request; resolves once entries come.
   * @throws {LogsError} NOT_FOUND, INVALID_ARGUMENT, RATE_LIMITED, UNAVAILABLE, before anything was answered
   */
  async serve(asked: EventsAsked, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { principal, stream, query, form } = asked;
    if (this.#closing) throw new LogsError('UNAVAILABLE', 'this server is shutting down');
    await this.#parts.access.mustRead(principal, stream);
    const seen = lastEventId(request);
    const events = new EventStream(response, form);
    if (request.method === 'HEAD') {
      events.open();
      return events.end();
    }
    events.closed.addEventListener('abort', () => this.#leave(events, stream), { once: true });
    const { subscribed, start, done } = await this.#parts.deliveries.prepare(
      events,
      stream,
      { ...query, sinceIndex: seen ?? query.sinceIndex },
      { outlet: events.outlet, form, companion: this.#parts.want(stream) },
    );
    // It has been told of the end, and came again because browsers do.
    if (subscribed.ended && (seen ?? 0) > subscribed.lastIndex) return events.nothing();
    this.#open.add(events);
    events.open();
    start();
    this.#attend(events, asked, done()).catch((error: unknown) => {
      this.#parts.logger.warn({ err: error, stream }, 'a response met a defect');
      response.destroy();
    });
  }

  async onModuleDestroy(): Promise<void> {
    this.#closing = true;
    await Promise.all(
      [...this.#open].map(async (events) => {
        await this.#parts.deliveries.endAll(events);
        await events.finish();
      }),
    );
  }

  /** Looks after a response until it is over. Never rejects. */
  async #attend(events: EventStream, { principal, stream }: EventsAsked, done: Promise<void>): Promise<void> {
    const expired = new LogsError('UNAUTHENTICATED', 'the token has expired');
    const forget = onTokenEnd(principal, () => this.#refuse(events, stream, expired));
    const over = done.then(() => {
      if (!this.#closing) events.end();
    });
    for (let beats = 1; await this.#pause(events); beats++) {
      events.beat();
      if (beats % BEATS_A_CHECK === 0) await this.#check(events, principal, stream);
    }
    forget();
    await over;
    this.#open.delete(events);
  }

  /** Whether there is something to do after a while: the response is not over. */
  #pause(events: EventStream): Promise<boolean> {
    return this.#parts.clock.sleep(HEARTBEAT_MS, events.closed).then(
      () => events.connected,
      () => false, // it was closed meanwhile
    );
  }

  /** Rights change while a response goes on. */
  async #check(events: EventStream, principal: ApiPrincipal, stream: StreamId): Promise<void> {
    try {
      if (!(await this.#parts.access.may(principal, 'read', stream)))
        this.#refuse(events, stream, noSuchStream(stream));
    } catch (error) {
      this.#parts.logger.warn({ err: error, stream }, 'access could not be checked');
    }
  }

  /** Nothing more is delivered from this moment on, and the client is told why. */
  #refuse(events: EventStream, stream: StreamId, error: LogsError): void {
    this.#leave(events, stream);
    events.refuse(error.body(), encoderOf(events.form, stream));
  }

  #leave(events: EventStream, stream: StreamId): void {
    this.#parts.deliveries.endAll(events).catch((error: unknown) => {
      this.#parts.logger.warn({ err: error, stream }, 'a subscription could not be given back');
    });
  }
}

/** The index behind which a browser goes on that was here before. */
function lastEventId({ headers }: IncomingMessage): number | undefined {
  const id = headers['last-event-id'];
  if (id === undefined || id === '') return undefined;
  const index = /^\d{1,16}$/.test(String(id)) ? Number(id) : NaN;
  if (!Number.isSafeInteger(index)) throw invalid([{ field: 'Last-Event-ID', message: 'must be an index' }]);
  return index;
}
