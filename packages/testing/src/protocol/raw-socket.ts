import { once } from 'node:events';

import { WebSocket } from 'ws';

import { eventually } from '../eventually.ts';

/** An event as it came: its name and its arguments. */
export interface RawEvent {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** What came for a connection that was refused. */
export interface Refused {
  readonly message: string;
  readonly data?: unknown;
}

export interface RawSocketOptions {
  /** Goes into the handshake's `auth`. */
  readonly token?: string;
  /** Goes into the HTTP request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Takes each event instead of `events`, for those who count a lot of them. */
  readonly onEvent?: (event: RawEvent) => void;
}

const NAMESPACE = '/logs';
const ANSWER_MS = 10_000;

/**
 * The namespace /logs over a bare WebSocket: Engine.IO protocol 4, Socket.IO protocol 5, and none of socket.io's code,
 * so that what goes over the wire is judged and not what a library makes of it.
 */
export class RawSocket implements AsyncDisposable {
  /** Every event, in the order of its coming. */
  readonly events: RawEvent[] = [];
  /** Whether the server took the connection to the namespace and has not ended it. */
  connected = false;
  closed = false;
  refused: Refused | undefined;
  readonly #webSocket: WebSocket;
  readonly #onEvent: (event: RawEvent) => void;
  readonly #answers = new Map<number, (answer: unknown) => void>();
  #sent = 0;

  private constructor(url: string, { token, headers, onEvent }: RawSocketOptions) {
    this.#onEvent = onEvent ?? ((event) => this.events.push(event));
    const address = new URL('/socket.io/?EIO=4&transport=websocket', url);
    address.protocol = address.protocol.replace('http', 'ws');
    this.#webSocket = new WebSocket(address, { perMessageDeflate: false, ...(headers && { headers }) });
    this.#webSocket.on('message', (data: Buffer) => this.#take(data.toString(), token));
    this.#webSocket.on('close', () => this.#end());
    this.#webSocket.on('error', () => this.#end());
  }

  /** Resolves once the server took the connection or refused it. */
  static async open(url: string, options: RawSocketOptions = {}): Promise<RawSocket> {
    const socket = new RawSocket(url, options);
    await eventually(() => socket.connected || socket.refused !== undefined || socket.closed);
    return socket;
  }

  /** Sends an event and asks for no answer. */
  emit(name: string, ...args: readonly unknown[]): void {
    this.#webSocket.send(`42${NAMESPACE},${JSON.stringify([name, ...args])}`);
  }

  /** Sends an event and resolves with its acknowledgement. */
  async request(name: string, ...args: readonly unknown[]): Promise<Record<string, unknown>> {
    const id = this.#sent++;
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#answers.set(id, resolve);
      timer = setTimeout(() => reject(new Error(`no answer to ${name} within ${ANSWER_MS} ms`)), ANSWER_MS);
    });
    this.#webSocket.send(`42${NAMESPACE},${id}${JSON.stringify([name, ...args])}`);
    try {
      return (await answer) as Record<string, unknown>;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Arguments of each event of that name, in order. */
  all(name: string): readonly (readonly unknown[])[] {
    return this.events.filter((event) => event.name === name).map(({ args }) => args);
  }

  /** Reads nothing from the network until `resume`: what comes piles up at the server. */
  pause(): void {
    this.#webSocket.pause();
  }

  resume(): void {
    this.#webSocket.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#webSocket.readyState === WebSocket.CLOSED) return;
    this.#webSocket.terminate();
    if (!this.closed) await once(this.#webSocket, 'close');
  }

  #take(packet: string, token: string | undefined): void {
    if (packet.startsWith('0')) {
      this.#webSocket.send(`40${NAMESPACE},${JSON.stringify(token === undefined ? {} : { token })}`);
      return;
    }
    if (packet === '2') return this.#webSocket.send('3');
    if (!packet.startsWith('4')) return;
    const [, type, id, body] = /^4(\d)\/logs,?(\d*)([^]*)$/.exec(packet) ?? [];
    const value: unknown = body ? JSON.parse(body) : undefined;
    if (type === '0') this.connected = true;
    else if (type === '1') this.connected = false;
    else if (type === '4') this.refused = value as Refused;
    else if (type === '3') this.#answered(Number(id), value as unknown[]);
    else if (type === '2') {
      const [name, ...args] = value as [string, ...unknown[]];
      this.#onEvent({ name, args });
    } else throw new Error(`not a packet of the namespace: ${packet.slice(0, 200)}`);
  }

  #answered(id: number, [answer]: unknown[]): void {
    const resolve = this.#answers.get(id);
    if (resolve === undefined) throw new Error(`request ${id} was answered twice, or never made`);
    this.#answers.delete(id);
    resolve(answer);
  }

  #end(): void {
    this.connected = false;
    this.closed = true;
  }
}
