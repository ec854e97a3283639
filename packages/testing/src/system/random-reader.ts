import type { LogEntry } from '@kubidu/contracts';

import { eventually } from '../eventually.ts';
import { RawSocket } from '../protocol/raw-socket.ts';
import type { RawEvent } from '../protocol/raw-socket.ts';
import type { ReadPage } from './page-judge.ts';

/** A read, and what came of it. */
export interface RandomRead {
  readonly what: string;
  /** Where what came must begin, or end. */
  readonly range: { readonly from?: number; readonly to?: number };
  readonly page: ReadPage;
}

const LIMIT = 200;

/** Reads of a stream on a socket at random: pages before and after an index, and subscriptions since one. */
export class RandomReader implements AsyncDisposable {
  readonly #stream: string;
  readonly #random: () => number;
  readonly #socket: Promise<RawSocket>;
  #events: RawEvent[] = [];

  constructor(url: string, stream: string, random: () => number) {
    this.#stream = stream;
    this.#random = random;
    this.#socket = RawSocket.open(url, { onEvent: (event) => this.#events.push(event) });
  }

  /** Reads somewhere in the stream, as far as it had come. */
  async read(lastIndex: number): Promise<RandomRead> {
    const index = 1 + Math.floor(this.#random() * lastIndex);
    const dice = this.#random();
    if (dice < 0.35) return this.#history({ after: index - 1 }, { from: index });
    if (dice < 0.7) return this.#history({ before: index + 1 }, { to: index });
    return this.#since(index - 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#socket)[Symbol.asyncDispose]();
  }

  async #history(range: { after: number } | { before: number }, due: RandomRead['range']): Promise<RandomRead> {
    const socket = await this.#socket;
    const asked = { stream: this.#stream, limit: LIMIT, ...range };
    const what = `history ${JSON.stringify(asked)}`;
    const answer = await socket.request('history', asked);
    if (answer['ok'] !== true) throw new Error(`${what}: ${JSON.stringify(answer)}`);
    return { what, range: due, page: answer as unknown as ReadPage };
  }

  /** The first that comes of a subscription: gaps, then entries. */
  async #since(sinceIndex: number): Promise<RandomRead> {
    const socket = await this.#socket;
    const stream = this.#stream;
    this.#events = [];
    const what = `subscribe ${stream} since ${sinceIndex}`;
    const answer = await socket.request('subscribe', { stream, sinceIndex, batch: true });
    if (answer['ok'] !== true) throw new Error(`${what}: ${JSON.stringify(answer)}`);
    const entriesOf = () =>
      this.#events.flatMap(({ name, args }) =>
        name === 'logs:history' || name === 'logs' ? (args[0] as LogEntry[]) : [],
      );
    await eventually(() => entriesOf().length > 0, { timeoutMs: 30_000, everyMs: 2 });
    await socket.request('unsubscribe', { stream });
    const gaps = this.#events.flatMap(({ name, args }) =>
      name === 'logs:gap' ? [args[0] as ReadPage['gaps'][number]] : [],
    );
    return { what, range: { from: sinceIndex + 1 }, page: { entries: entriesOf(), gaps } };
  }
}
