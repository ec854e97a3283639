import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

import type { ErrorBody } from '@kubidu/contracts';

import type { Holder } from './delivery/deliveries.ts';
import type { Encoder, Form } from './delivery/form.ts';
import { Packets } from './delivery/packet.ts';
import { ResponseOutlet } from './delivery/response-outlet.ts';

/** How long a browser waits before it connects again. */
const RETRY_MS = 2_000;
/** How long a client may take the last of a response that is ended before its time; then it is cut. */
const LINGER_MS = 2_000;

/** What begins a response, and what shows on a silent one that it is alive, by its form. */
const OPENING = { events: new Packets([`retry: ${RETRY_MS}\n\n`]), job: new Packets([]) };
/** A comment; readers of jobs, who know no comments, get an empty line. */
const HEARTBEAT = { events: new Packets([': still here\n\n']), job: new Packets(['\n']) };

/** The forms of a body. */
export type EventForm = Extract<Form, 'events' | 'job'>;

/** One response of Server-Sent Events, from its headers to its end. */
export class EventStream implements Holder {
  readonly outlet: ResponseOutlet;
  readonly form: EventForm;
  readonly #response: ServerResponse;
  readonly #closed = new AbortController();

  constructor(response: ServerResponse, form: EventForm) {
    this.#response = response;
    this.form = form;
    this.outlet = new ResponseOutlet(response);
    response.once('close', () => this.#closed.abort());
    if (response.destroyed) this.#closed.abort();
  }

  get connected(): boolean {
    return !this.#closed.signal.aborted;
  }

  /** Aborts when the response is over, whoever ended it. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Sends the headers: nothing between here and the reader is to keep, change or collect what comes. */
  open(): void {
    const response = this.#response;
    // Its end is the connection's: a server that shuts down waits for nobody.
    response.shouldKeepAlive = false;
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-cache, no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
    response.flushHeaders();
    this.outlet.write(OPENING[this.form]);
  }

  /** Shows that it is alive, unless the client has enough to read. */
  beat(): void {
    if (!this.#response.writableNeedDrain) this.outlet.write(HEARTBEAT[this.form]);
  }

  /** Says that there is nothing here any more: a browser does not come again. */
  nothing(): void {
    this.#response.writeHead(204).end();
  }

  /** Ends it behind what was written. */
  end(): void {
    this.#response.end();
  }

  /** Ends it with a reason, for which a client has little time. */
  refuse(error: ErrorBody, encoder: Encoder): void {
    this.outlet.write(encoder.refusal(error));
    this.#endSoon();
  }

  /** Ends it, and cuts it where its client does not read; resolves once it is over. */
  async finish(): Promise<void> {
    if (!this.connected) return;
    const over = once(this.#closed.signal, 'abort');
    this.#endSoon();
    await over;
  }

  #endSoon(): void {
    const cut = setTimeout(() => this.#response.destroy(), LINGER_MS);
    this.#closed.signal.addEventListener('abort', () => clearTimeout(cut), { once: true });
    this.#response.end();
  }
}
