import type { Gap, LogEntry } from '@kubidu/contracts';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';

import { Reader } from './reader.ts';

export interface PlainReaderOptions {
  readonly url: string;
  readonly service: string;
  readonly token?: string;
  /** Where it starts; default behind index 0, so with everything. After a reconnect it goes on where it was. */
  readonly sinceIndex?: number;
  /** Knows no options: asks for the service and nothing else, as the oldest clients do. */
  readonly bare?: boolean;
  /** Default websocket. */
  readonly transport?: 'websocket' | 'polling';
}

/**
 * A plain socket.io-client with its own reconnection that acts on nothing but `logs:history` and `log`, as any client
 * that none of us wrote.
 */
export class PlainReader extends Reader {
  override readonly kind = 'socket.io-client';
  /** How often it was connected. */
  connections = 0;
  readonly #options: PlainReaderOptions;
  #socket: Socket;

  constructor(options: PlainReaderOptions) {
    super();
    this.#options = options;
    this.#socket = this.#open(options.url);
  }

  /** Leaves this server and goes on at another one. */
  hop(url: string): void {
    this.#socket.removeAllListeners();
    this.#socket.disconnect();
    this.#socket = this.#open(url);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.removeAllListeners();
    this.#socket.disconnect();
    await Promise.resolve();
  }

  #open(url: string): Socket {
    const { service, token, bare = false, sinceIndex = 0, transport = 'websocket' } = this.#options;
    const socket = io(`${url}/logs`, {
      forceNew: true,
      transports: [transport],
      reconnectionDelay: 100,
      reconnectionDelayMax: 500,
      ...(token !== undefined && { auth: { token } }),
    });
    socket.on('connect', () => {
      this.connections++;
      const options = bare ? {} : { sinceIndex: Math.max(this.last, sinceIndex) };
      socket.emit('subscribe:runtime', { serviceId: service, ...options });
    });
    socket.on('logs:history', (entries: LogEntry[]) => this.#take(entries));
    socket.on('log', (entry: LogEntry) => this.entries.push(entry));
    socket.on('logs:gap', ({ from, to, reason }: Gap) => this.gaps.push({ from, to, reason }));
    socket.on('error', (error: { message: string; code: string }) => {
      this.errors.push(`${error.code} ${error.message}`);
      // What is away now is asked for again, as after a lost connection.
      if (error.code === 'UNAVAILABLE') setTimeout(() => this.#again(socket), 200);
    });
    return socket;
  }

  #again(socket: Socket): void {
    if (socket.connected && socket === this.#socket)
      socket.emit('subscribe:runtime', { serviceId: this.#options.service, sinceIndex: this.last });
  }

  #take(entries: readonly LogEntry[]): void {
    for (const entry of entries) this.entries.push(entry);
  }
}
