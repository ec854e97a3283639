// Many sockets that read as little of each message as shows that nothing is missing: the index of its first and last
// entry, and the time its first entry carries. Engine.IO and Socket.IO by hand, so that what is measured is the server
// and not a hundred JSON parsers.
import WebSocket from 'ws';

import { Quantiles } from './quantiles.ts';

interface Request {
  readonly url: string;
  /** Each socket reads one of them, in turn. */
  readonly streams: readonly string[];
  readonly sockets: number;
  readonly batch: boolean;
  /** Index at which a socket is done. */
  readonly until: number;
  /** The first socket's latencies are left out: it is the one that will be paused. */
  readonly leaveOutFirst?: boolean;
}

interface Command {
  readonly pauseFirst?: boolean;
  readonly resumeFirst?: boolean;
  readonly report?: boolean;
}

const INDEX = Buffer.from('{"index":');
const MESSAGE = Buffer.from('"message":"');
const [OPEN, PING] = [0x30, 0x32];
const [CONNECTED, ACKNOWLEDGED] = [0x30, 0x33];
/** Sockets that are being opened at once. */
const OPENING = 20;

class Readers {
  readonly #request: Request;
  readonly #latencies = new Quantiles();
  readonly #sockets: WebSocket[] = [];
  #bytes = 0;
  #ready = 0;
  #finished = 0;
  #defects = 0;

  constructor(request: Request) {
    this.#request = request;
    for (let at = 0; at < OPENING; at++) this.#openNext();
  }

  command({ pauseFirst, resumeFirst, report }: Command): void {
    if (pauseFirst) this.#sockets[0]?.pause();
    if (resumeFirst) this.#sockets[0]?.resume();
    if (report) process.send?.({ report: this.#summary() });
  }

  #summary() {
    return { ...this.#latencies.summary, defects: this.#defects, bytes: this.#bytes, finished: this.#finished };
  }

  #openNext(): void {
    const at = this.#sockets.length;
    if (at >= this.#request.sockets) return;
    const socket = new WebSocket(`${this.#request.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
      perMessageDeflate: false,
      skipUTF8Validation: true,
    });
    this.#sockets.push(socket);
    const reader = { last: 0, measured: at > 0 || !this.#request.leaveOutFirst };
    socket.on('message', (data: Buffer) => {
      this.#bytes += data.length;
      if (data[0] === OPEN) socket.send('40/logs,');
      else if (data[0] === PING) socket.send('3');
      else if (data[1] === CONNECTED) socket.send(this.#subscribe(at));
      else if (data[1] === ACKNOWLEDGED) this.#onReady();
      else this.#onEvent(data, reader);
    });
    const failed = () => this.#defects++;
    socket.on('close', failed).on('error', failed);
  }

  #subscribe(at: number): string {
    const { streams, batch } = this.#request;
    return `42/logs,0["subscribe",${JSON.stringify({ stream: streams[at % streams.length], lines: 0, batch })}]`;
  }

  #onReady(): void {
    if (++this.#ready === this.#request.sockets) process.send?.({ ready: true });
    else this.#openNext();
  }

  #onEvent(data: Buffer, reader: { last: number; readonly measured: boolean }): void {
    const begin = data.indexOf(INDEX);
    if (begin < 0) return;
    const first = numberAt(data, begin + INDEX.length);
    const last = numberAt(data, data.lastIndexOf(INDEX) + INDEX.length);
    if (first !== reader.last + 1) {
      this.#defects++;
      process.stderr.write(`index ${first} came after ${reader.last}\n`);
    }
    reader.last = last;
    const message = data.indexOf(MESSAGE, begin) + MESSAGE.length;
    const [, sent] = data.toString('latin1', message, message + 40).split(' ');
    if (reader.measured)
      this.#latencies.add(performance.timeOrigin + performance.now() - Number(sent), last - first + 1);
    if (last >= this.#request.until && ++this.#finished === this.#request.sockets)
      process.send?.({ finished: this.#summary() });
  }
}

function numberAt(data: Buffer, from: number): number {
  let value = 0;
  for (let at = from; ; at++) {
    const digit = (data[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) return value;
    value = value * 10 + digit;
  }
}

process.once('message', (request: Request) => {
  const readers = new Readers(request);
  process.on('message', (command: Command) => readers.command(command));
});
