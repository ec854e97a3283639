import type { Socket } from 'node:net';

/** From the last byte to the reset. */
const RESET_DELAY_MS = 10;

/** What happens to one connection on its way. */
export interface ConnectionFaults {
  readonly latencyMs: number;
  /** Bytes to the client after which `onCut` is called and no more passes. */
  readonly cutAfter: number;
  readonly onCut: () => void;
  /** Bytes to the client after which nothing passes, for `stallMs` or for ever. */
  readonly stallAfter: number;
  readonly stallMs?: number;
  /** Called once, when neither socket is left. */
  readonly onClose: () => void;
}

/** A client's connection and the one to the server behind it; owns both. Each side's back-pressure reaches the other. */
export class ProxiedConnection {
  /** Passed on so far. */
  readonly bytes = { toClient: 0, toServer: 0 };
  latencyMs: number;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #faults: ConnectionFaults;
  readonly #timers = new Set<NodeJS.Timeout>();
  #stallAfter: number;
  #paused = false;
  #cut = false;
  #open = 2;
  #late: { readonly dueAt: number; readonly pass: () => void }[] = [];
  /** What came while paused and stays in its order. */
  #held: (() => void)[] = [];

  constructor(client: Socket, server: Socket, faults: ConnectionFaults) {
    this.#client = client;
    this.#server = server;
    this.#faults = faults;
    this.latencyMs = faults.latencyMs;
    this.#stallAfter = faults.stallAfter;
    this.#carry(client, server, (chunk) => this.#toServer(chunk));
    this.#carry(server, client, (chunk) => this.#toClient(chunk));
  }

  pause(): void {
    this.#paused = true;
    this.#client.pause();
    this.#server.pause();
  }

  resume(): void {
    this.#paused = false;
    const held = this.#held;
    this.#held = [];
    for (const pass of held) pass();
    // A piece let go may itself begin the next silence.
    if (this.#isPaused()) return;
    this.#client.resume();
    this.#server.resume();
  }

  endClient(): void {
    this.#client.end();
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }

  destroy(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  #isPaused(): boolean {
    return this.#paused;
  }

  #carry(from: Socket, to: Socket, pass: (chunk: Buffer) => void): void {
    from.on('data', (chunk: Buffer) => this.#later(() => pass(chunk)));
    from.on('end', () => this.#later(() => to.end()));
    // What one side suffers the other must feel; the error itself has nobody to go to.
    from.on('error', () => to.resetAndDestroy());
    from.on('close', () => {
      if (from.errored) to.resetAndDestroy();
      this.#open--;
      if (this.#open > 0) return;
      for (const timer of this.#timers) clearTimeout(timer);
      this.#faults.onClose();
    });
    to.on('drain', () => {
      if (!this.#paused) from.resume();
    });
  }

  /** Runs `pass` after the latency, in order whatever the latency was before, and not while paused. */
  #later(pass: () => void): void {
    const dueAt = Math.max(performance.now() + this.latencyMs, this.#late.at(-1)?.dueAt ?? 0);
    if (this.latencyMs === 0 && this.#late.length === 0) return this.#unlessPaused(pass);
    this.#late.push({ dueAt, pass });
    if (this.#late.length === 1) this.#after(this.latencyMs, () => this.#passLate());
  }

  #passLate(): void {
    for (let head = this.#late[0]; head; head = this.#late[0]) {
      const waitMs = head.dueAt - performance.now();
      if (waitMs > 0) return this.#after(waitMs, () => this.#passLate());
      this.#late.shift();
      this.#unlessPaused(head.pass);
    }
  }

  #unlessPaused(pass: () => void): void {
    if (this.#paused) this.#held.push(pass);
    else pass();
  }

  #after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }

  #toServer(chunk: Buffer): void {
    this.bytes.toServer += chunk.length;
    this.#write(this.#server, this.#client, chunk);
  }

  #toClient(chunk: Buffer): void {
    const { cutAfter, onCut, stallMs } = this.#faults;
    if (this.#cut) return;
    const room = Math.min(cutAfter, this.#stallAfter) - this.bytes.toClient;
    const part = room < chunk.length ? chunk.subarray(0, Math.max(0, room)) : chunk;
    this.bytes.toClient += part.length;
    const cut = part.length < chunk.length && cutAfter <= this.#stallAfter;
    this.#cut = cut;
    this.#write(this.#client, this.#server, part);
    // A reset throws away what waits to be sent, and a libuv that reads data and reset at once makes a clean end of both.
    if (cut) this.#after(RESET_DELAY_MS, onCut);
    if (cut || part.length === chunk.length) return;
    this.#stallAfter = Number.POSITIVE_INFINITY;
    this.pause();
    this.#held.unshift(() => this.#toClient(chunk.subarray(part.length)));
    if (stallMs !== undefined) this.#after(stallMs, () => this.resume());
  }

  #write(to: Socket, from: Socket, chunk: Buffer): void {
    if (to.destroyed || to.writableEnded) return;
    if (!to.write(chunk)) from.pause();
  }
}
