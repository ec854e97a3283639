import type { Gap, LogEntry } from '@kubidu/contracts';

import { eventually } from './eventually.ts';
import { RawSocket } from './protocol/raw-socket.ts';
import type { RawEvent } from './protocol/raw-socket.ts';
import { Reader } from './reader.ts';

/** Who reads a build's log from its first line to `logs:end`, over the wire. Whoever opens it disposes of it. */
export class BuildReader extends Reader {
  override readonly kind = 'subscribe:build';
  /** What `logs:end` said; absent until it came. */
  ended: Readonly<Record<string, unknown>> | undefined;
  /** When each entry came, of `performance.now()`. */
  readonly cameAt: number[] = [];
  #socket: RawSocket | undefined;

  /** Rejects where the server refuses the subscription. */
  static async open(url: string, deploymentId: string): Promise<BuildReader> {
    const reader = new BuildReader();
    reader.#socket = await RawSocket.open(url, { onEvent: (event) => reader.#take(event) });
    const answer = await reader.#socket.request('subscribe:build', { deploymentId, sinceIndex: 0, batch: true });
    if (answer['ok'] === true) return reader;
    await reader[Symbol.asyncDispose]();
    throw new Error(`the subscription was refused: ${JSON.stringify(answer)}`);
  }

  /** Resolves once an entry says so, with when it came, of `performance.now()`. */
  async sees(message: string, timeoutMs = 60_000): Promise<number> {
    const at = () => this.entries.findIndex((entry) => entry.message === message);
    await eventually(() => at() >= 0, { timeoutMs });
    return this.cameAt[at()] ?? 0;
  }

  /** Resolves with what `logs:end` said. */
  async end(timeoutMs = 60_000): Promise<Readonly<Record<string, unknown>>> {
    return eventually(() => this.ended ?? false, { timeoutMs });
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket?.[Symbol.asyncDispose]();
  }

  #take({ name, args: [first] }: RawEvent): void {
    // A server that still sends after the end would be at fault.
    if (this.ended !== undefined) this.errors.push(`${name} after logs:end`);
    if (name === 'logs:history' || name === 'logs') {
      const now = performance.now();
      for (const entry of first as LogEntry[]) {
        this.entries.push(entry);
        this.cameAt.push(now);
      }
    } else if (name === 'logs:gap') this.gaps.push(first as Gap);
    else if (name === 'logs:end') this.ended = first as Record<string, unknown>;
    else if (name === 'error') this.errors.push(JSON.stringify(first));
  }
}
