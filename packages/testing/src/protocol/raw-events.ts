import { once } from 'node:events';
import { request } from 'node:http';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** One Server-Sent Event as it came; `data` is parsed. */
export interface RawServerEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** What a browser would send as Last-Event-ID from here on. */
  readonly id: string;
}

/** How to ask. */
export interface RawEventsOptions {
  readonly token?: string | undefined;
  readonly lastEventId?: string | undefined;
}

/** Server-Sent Events over bare HTTP, parsed as the HTML standard says. Whoever opens it disposes of it. */
export class RawEvents implements AsyncDisposable {
  readonly events: RawServerEvent[] = [];
  /** Every line of the body, as it came. */
  readonly lines: string[] = [];
  /** Last-Event-ID as it is now. */
  id = '';
  /** What `retry` said last, in milliseconds. */
  retry: number | undefined;
  /** How the response ended: whole, or cut; undefined while it goes on. */
  ended: 'whole' | 'cut' | undefined;
  readonly #request: ClientRequest;
  readonly #response: IncomingMessage;
  #rest = '';
  #id = '';
  #event = '';
  #data: string[] = [];

  private constructor(asked: ClientRequest, response: IncomingMessage) {
    this.#request = asked;
    this.#response = response;
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#take(text));
    response.on('close', () => (this.ended = response.complete ? 'whole' : 'cut'));
    response.on('error', () => undefined); // `ended` says it
  }

  /** Resolves once the server has answered, with whatever status. */
  static async open(url: string, { token, lastEventId }: RawEventsOptions = {}): Promise<RawEvents> {
    const asked = request(url, {
      agent: false,
      headers: {
        accept: 'text/event-stream',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
      },
    });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    asked.on('error', () => undefined); // as above
    return new RawEvents(asked, response);
  }

  get status(): number {
    return this.#response.statusCode ?? 0;
  }

  get headers(): IncomingHttpHeaders {
    return this.#response.headers;
  }

  /** The data of all events of a name, in order. */
  all(event: string): Readonly<Record<string, unknown>>[] {
    return this.events.filter((one) => one.event === event).map(({ data }) => data);
  }

  /** The indexes of the entries that came. */
  get indexes(): number[] {
    return this.all('log').map(({ index }) => index as number);
  }

  /** Stops reading, so that the server's side fills up. */
  pause(): void {
    this.#response.pause();
  }

  resume(): void {
    this.#response.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#request.destroy();
    if (!this.#response.closed) await new Promise((resolve) => this.#response.once('close', resolve));
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    this.lines.push(line);
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'id') this.#id = value;
    else if (field === 'event') this.#event = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'retry') this.retry = Number(value);
  }

  #dispatch(): void {
    // Not before: of an event that was cut off, its id does not count.
    this.id = this.#id;
    const [event, data] = [this.#event || 'message', this.#data.join('\n')];
    this.#event = '';
    this.#data = [];
    if (data !== '') this.events.push({ event, data: JSON.parse(data) as RawServerEvent['data'], id: this.id });
  }
}
