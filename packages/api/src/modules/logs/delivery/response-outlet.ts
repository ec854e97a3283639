import type { ServerResponse } from 'node:http';

import type { Outlet } from './outlet.ts';
import type { Packets } from './packet.ts';

/** What a response may have in its buffers before its client counts as slow. */
const SLOW_BYTES = 1024 * 1024;

/** The body of a response that goes on. Before it: the response's own buffer, which `write` fills whatever is in it. */
export class ResponseOutlet implements Outlet {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get slow(): boolean {
    return this.#response.writableLength >= SLOW_BYTES;
  }

  write(packets: Packets): void {
    if (this.#response.writable && packets.size > 0) this.#response.write(packets.bytes);
  }

  writable(signal: AbortSignal): Promise<void> {
    const response = this.#response;
    signal.throwIfAborted();
    if (!response.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const done = () => {
        response.off('drain', done);
        signal.removeEventListener('abort', done);
        if (signal.aborted) reject(signal.reason as Error);
        else resolve();
      };
      response.on('drain', done);
      signal.addEventListener('abort', done);
    });
  }
}
