import type { EventEmitter } from 'node:events';

import type { Socket } from 'socket.io';

import type { Outlet } from './outlet.ts';
import type { Packets } from './packet.ts';

/** What is used of an Engine.IO socket: its write buffer is documented, but private to the types. */
interface Connection extends Pick<EventEmitter, 'on' | 'off'> {
  readonly writeBuffer: readonly unknown[];
  readonly transport: { readonly name: string };
  readonly upgrading: boolean;
  write(data: string, options: object): unknown;
}

/**
 * What a socket may have in its write buffer before it counts as slow. Packets of a room are shared by its sockets, so
 * many that lag a little together cost little, while each that walks by itself costs encoding: not too strict.
 */
const SLOW_PACKETS = 256;
const SLOW_BYTES = 1024 * 1024;

/** A socket. Behind it is Engine.IO's write buffer. */
export class SocketOutlet implements Outlet {
  readonly #socket: Socket;
  /** Bytes written since the buffer was last seen empty: at least what is in it. */
  #queuedBytes = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get slow(): boolean {
    const { length } = this.#connection.writeBuffer;
    if (length === 0) this.#queuedBytes = 0;
    return length >= SLOW_PACKETS || this.#queuedBytes >= SLOW_BYTES;
  }

  write(packets: Packets): void {
    if (!this.#socket.connected) return;
    const conn = this.#connection;
    if (conn.writeBuffer.length === 0) this.#queuedBytes = 0;
    this.#queuedBytes += packets.size;
    if (conn.transport.name === 'websocket' && !conn.upgrading) {
      // What socket.io's own adapter hands over for a broadcast; a frame buffer may hold several messages.
      conn.write(packets.texts[0] ?? '', { compress: false, wsPreEncodedFrame: [packets.frames] });
    } else {
      for (const text of packets.texts) conn.write(text, { compress: false });
    }
  }

  writable(signal: AbortSignal): Promise<void> {
    const conn = this.#connection;
    signal.throwIfAborted();
    if (conn.writeBuffer.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const done = () => {
        if (!signal.aborted && conn.writeBuffer.length > 0) return;
        conn.off('drain', done);
        signal.removeEventListener('abort', done);
        if (signal.aborted) reject(signal.reason as Error);
        else resolve();
      };
      conn.on('drain', done);
      signal.addEventListener('abort', done);
    });
  }

  /** Not kept: a socket's transport may change. */
  get #connection(): Connection {
    return this.#socket.conn as unknown as Connection;
  }
}
