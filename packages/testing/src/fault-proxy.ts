import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

import { ProxiedConnection } from './proxied-connection.ts';
import { seededRandom } from './seeded-random.ts';

/** What goes wrong by itself. Bytes are those from the server to the client, counted anew on each connection. */
export interface FaultPlan {
  /** Cuts a connection with a TCP reset after so many bytes. */
  readonly resetAfterBytes?: number;
  /** How many connections are cut so; default 1, then all others live. */
  readonly resets?: number;
  /** Like `resetAfterBytes`, at random places: `times` connections, each after up to `maxBytes`. */
  readonly randomResets?: { readonly seed: number; readonly times: number; readonly maxBytes: number };
  /** Goes silent after so many bytes, both ways and for good, with all sockets open; the first connection only. */
  readonly stallAfterBytes?: number;
  /** How long such a silence lasts; default for ever. */
  readonly stallMs?: number;
  /** Holds back each piece for so long, both ways. */
  readonly latencyMs?: number;
}

/** What is proxied, and what goes wrong on the way. */
export interface FaultProxyOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly port: number;
  readonly plan?: FaultPlan;
}

/**
 * A TCP proxy that breaks in all the ways in which networks do. It knows nothing of what it carries, so TLS passes
 * through (the client must check the server's name, not the proxy's). Connect to 127.0.0.1 and {@link port}.
 */
export class FaultProxy implements AsyncDisposable {
  readonly port: number;
  /** Connections taken so far. */
  connections = 0;
  /** Connections cut with a reset so far, by plan or by hand. */
  resets = 0;
  readonly #options: FaultProxyOptions;
  readonly #live = new Set<ProxiedConnection>();
  readonly #random: () => number;
  #server: Server | undefined;
  #paused = false;
  #stalled = false;
  #plannedResets: number;
  #latencyMs: number;
  #closedBytes = { toClient: 0, toServer: 0 };

  private constructor(server: Server, options: FaultProxyOptions) {
    const { plan = {} } = options;
    this.#options = options;
    this.port = (server.address() as AddressInfo).port;
    this.#plannedResets = plan.randomResets?.times ?? (plan.resetAfterBytes === undefined ? 0 : (plan.resets ?? 1));
    this.#random = seededRandom(plan.randomResets?.seed ?? 0);
    this.#latencyMs = plan.latencyMs ?? 0;
    this.#serve(server);
  }

  static async open(options: FaultProxyOptions): Promise<FaultProxy> {
    return new FaultProxy(await listen(0), options);
  }

  /** Connections open now. */
  get open(): number {
    return this.#live.size;
  }

  /** Bytes passed on so far, of all connections. */
  get bytes(): { readonly toClient: number; readonly toServer: number } {
    const sum = { ...this.#closedBytes };
    for (const { bytes } of this.#live) {
      sum.toClient += bytes.toClient;
      sum.toServer += bytes.toServer;
    }
    return sum;
  }

  /** Cuts every connection at once with a reset, on both sides. New ones are taken. */
  resetAll(): void {
    for (const connection of [...this.#live]) this.#reset(connection);
  }

  /** Ends what goes to the clients cleanly, as a server does that is done, and goes on carrying what they send. */
  halfCloseAll(): void {
    for (const connection of this.#live) connection.endClient();
  }

  /** Passes nothing on, either way, and tells nobody: all sockets stay open, new connections are taken and are silent too. */
  pause(): void {
    this.#paused = true;
    for (const connection of this.#live) connection.pause();
  }

  /** Passes on again, nothing lost. */
  resume(): void {
    this.#paused = false;
    for (const connection of this.#live) connection.resume();
  }

  /** Like {@link pause}, but only for the connections open now: whoever connects anew is served. */
  stallAll(): void {
    for (const connection of this.#live) connection.pause();
  }

  /** Holds back each piece from now on for so long, both ways. */
  delay(latencyMs: number): void {
    this.#latencyMs = latencyMs;
    for (const connection of this.#live) connection.latencyMs = latencyMs;
  }

  /** Refuses new connections; those open go on. */
  refuse(): void {
    const server = this.#server;
    this.#server = undefined;
    // Listening is over at once; waiting for the rest would be waiting for the open connections.
    server?.close();
  }

  /** Takes connections again, on the same port. */
  async accept(): Promise<void> {
    if (!this.#server) this.#serve(await listen(this.port));
  }

  /** Ends everything. */
  async close(): Promise<void> {
    const server = this.#server;
    this.refuse();
    for (const connection of this.#live) connection.destroy();
    if (server) await once(server, 'close');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #serve(server: Server): void {
    this.#server = server;
    server.on('connection', (client) => this.#carry(client));
  }

  #carry(client: Socket): void {
    const { host = '127.0.0.1', port, plan = {} } = this.#options;
    this.connections++;
    const connection = new ProxiedConnection(client, connect({ host, port, allowHalfOpen: true, noDelay: true }), {
      latencyMs: this.#latencyMs,
      cutAfter: this.#nextCut(),
      onCut: () => this.#reset(connection),
      stallAfter: this.#nextStall(),
      ...(plan.stallMs !== undefined && { stallMs: plan.stallMs }),
      onClose: () => this.#forget(connection),
    });
    this.#live.add(connection);
    if (this.#paused) connection.pause();
  }

  #nextCut(): number {
    const { resetAfterBytes, randomResets } = this.#options.plan ?? {};
    if (this.#plannedResets <= 0) return Number.POSITIVE_INFINITY;
    this.#plannedResets--;
    return randomResets ? Math.floor(this.#random() * randomResets.maxBytes) : (resetAfterBytes ?? 0);
  }

  #nextStall(): number {
    const { stallAfterBytes } = this.#options.plan ?? {};
    if (stallAfterBytes === undefined || this.#stalled) return Number.POSITIVE_INFINITY;
    this.#stalled = true;
    return stallAfterBytes;
  }

  #reset(connection: ProxiedConnection): void {
    this.resets++;
    connection.reset();
  }

  #forget(connection: ProxiedConnection): void {
    if (!this.#live.delete(connection)) return;
    this.#closedBytes.toClient += connection.bytes.toClient;
    this.#closedBytes.toServer += connection.bytes.toServer;
  }
}

async function listen(port: number): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
