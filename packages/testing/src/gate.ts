import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

import { eventually } from './eventually.ts';

/** Where a command waits until a test lets it go on: a place on the way through a build. Whoever opens it disposes of it. */
export class Gate implements AsyncDisposable {
  readonly #server: Server;
  readonly #waiting = new Set<Socket>();
  #released = false;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#waiting.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#waiting.delete(socket));
      socket.resume();
      if (this.#released) socket.end();
    });
  }

  static async start(): Promise<Gate> {
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Gate(server);
  }

  /** The shell command that waits, of busybox and on the host's network; goes on too when the test has gone. */
  get command(): string {
    return `nc 127.0.0.1 ${(this.#server.address() as AddressInfo).port} </dev/null`;
  }

  /** Resolves once so many commands wait. */
  async reached(count = 1, timeoutMs = 60_000): Promise<void> {
    await eventually(() => this.#waiting.size >= count, { timeoutMs, everyMs: 5 });
  }

  /** Lets those who wait go on, and whoever comes later. */
  release(): void {
    this.#released = true;
    for (const socket of this.#waiting) socket.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#waiting) socket.destroy();
    this.#server.close();
    if (this.#server.listening) await once(this.#server, 'close');
  }
}
