import { LogsError } from '@kubidu/core';
import { Cluster, Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';

import { COMMANDS, keysTakenBy, luaOf } from './command.ts';
import type { CommandName } from './command.ts';
import { asLogsError } from './unavailable.ts';

/** Longest wait for an answer, in milliseconds. */
const ANSWER_MS = 5_000;

type Lua = Record<CommandName, (...args: readonly (string | number)[]) => Promise<unknown>>;

/** Nothing waits in line for a server that is away, and nothing is sent twice: who asked decides whether to ask again. */
const FAIL_FAST = {
  protocol: 2,
  connectTimeout: 2_000,
  commandTimeout: ANSWER_MS,
  // ioredis holds the process for so long after a close, even where the connection was broken before.
  disconnectTimeout: 200,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  lazyConnect: true,
} as const satisfies RedisOptions;

/** What waits for a server that is away, however long: for whoever blocks on it. */
const PATIENT = {
  protocol: 2,
  connectTimeout: 2_000,
  disconnectTimeout: 200,
  enableOfflineQueue: true,
  maxRetriesPerRequest: null,
} as const satisfies RedisOptions;

/** A connection that owes an answer for so long is a dead one. */
const ALIVE = { socketTimeout: ANSWER_MS } as const satisfies RedisOptions;

/** One server, and how to log in. */
interface Address {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  readonly tls?: object;
}

/** Pause before attempt n, in milliseconds: doubling from 50 up to 1,000, less up to half of it at random. */
export function pauseBefore(attempt: number): number {
  return Math.min(1_000, 50 * 2 ** Math.min(attempt - 1, 10)) * (1 - Math.random() / 2);
}

/** The nodes that `url` names, and what they have in common. */
function parse(url: string): { nodes: [Address, ...Address[]]; cluster: boolean } {
  try {
    const parts = url.split(',').map((part) => part.trim());
    const [scheme = 'redis'] = /^[a-z]+(?=[:+])/.exec(parts[0] ?? '') ?? [];
    const urls = parts.map(
      (part) => new URL(part.includes('://') ? part.replace('+cluster', '') : `${scheme}://${part}`),
    );
    const named = urls.find(({ username, password }) => username || password);
    const [first, ...others] = urls.map(({ protocol, hostname, port, pathname }): Address => {
      if (!['redis:', 'rediss:'].includes(protocol) || !hostname) throw new TypeError('not a Redis address');
      return {
        host: hostname.replace(/^\[|\]$/g, ''),
        port: Number(port || 6379),
        ...(named?.username && { username: decodeURIComponent(named.username) }),
        ...(named?.password && { password: decodeURIComponent(named.password) }),
        ...(pathname.length > 1 && { db: Number(pathname.slice(1)) }),
        ...(protocol === 'rediss:' && { tls: {} }),
      };
    });
    if (!first) throw new TypeError('no address');
    return { nodes: [first, ...others], cluster: others.length > 0 || url.includes('+cluster://') };
  } catch {
    // Neither the address nor the parser's words may be shown: both can hold a password.
    throw new LogsError('INVALID_ARGUMENT', 'the Redis URL is not redis://host:port, nor several of them with commas');
  }
}

/** One Redis, or a cluster. Owns its connections and keeps coming back; whoever opened it disposes of it. */
export class Connection implements AsyncDisposable {
  readonly client: Redis | Cluster;
  readonly #nodes: readonly [Address, ...Address[]];
  readonly #known = new Set<string>();
  readonly #onBack = new Set<() => void>();

  constructor(url: string) {
    const { nodes, cluster } = parse(url);
    this.#nodes = nodes;
    this.client = cluster
      ? this.#cluster(nodes)
      : new Redis({ ...FAIL_FAST, ...ALIVE, ...nodes[0], retryStrategy: pauseBefore });
    for (const name of COMMANDS) this.client.defineCommand(name, { numberOfKeys: keysTakenBy(name), lua: luaOf(name) });
    // Every failed attempt is also the failure of a command, and that is where it is told.
    this.client.on('error', () => {});
    if (!cluster) this.client.on('ready', () => this.#connected('the one'));
  }

  /** Whether there may be several servers. */
  get isCluster(): boolean {
    return this.client instanceof Cluster;
  }

  /** Resolves once the first attempt to connect has succeeded or failed; later ones follow by themselves. */
  async open(): Promise<void> {
    try {
      await this.client.connect();
    } catch {
      // Away at the start is like away later on.
    }
  }

  /** Calls back each time a server is connected again. */
  onBack(listener: () => void): void {
    this.#onBack.add(listener);
  }

  /** Runs one Lua command. @throws {LogsError} UNAVAILABLE */
  async lua(name: CommandName, ...args: readonly (string | number)[]): Promise<unknown> {
    return this.run(() => (this.client as unknown as Lua)[name](...args));
  }

  /** Runs something on the client. @throws {LogsError} UNAVAILABLE */
  async run<T>(call: (client: Redis | Cluster) => Promise<T>): Promise<T> {
    try {
      if (this.isCluster && this.client.status !== 'ready') throw new Error(`the cluster is ${this.client.status}`);
      return await call(this.client);
    } catch (error) {
      throw asLogsError(error);
    }
  }

  /** A client of its own for receiving what is published, not yet connected, which does not come back by itself. */
  subscriber(): Redis {
    const known = this.client instanceof Cluster ? this.client.nodes('all').map(addressOf) : [];
    const nodes = known.length > 0 ? known : this.#nodes;
    const node = nodes[Math.floor(Math.random() * nodes.length)];
    return new Redis({ ...FAIL_FAST, ...this.#nodes[0], ...node, autoResubscribe: false, retryStrategy: null });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#onBack.clear();
    this.client.disconnect();
    return Promise.resolve();
  }

  #cluster([first, ...others]: readonly [Address, ...Address[]]): Cluster {
    const { host: _host, port: _port, db: _db, ...common } = first;
    const cluster = new Cluster(
      [first, ...others].map(({ host, port }) => ({ host, port })),
      {
        redisOptions: { ...FAIL_FAST, ...ALIVE, ...common },
        lazyConnect: true,
        // Else a command for a node that is just being connected fails; `run` refuses what would wait for the cluster.
        enableOfflineQueue: true,
        clusterRetryStrategy: pauseBefore,
        // A command cut off with its connection may have been done: sending it again is up to who asked.
        retryDelayOnFailover: 0,
        slotsRefreshTimeout: 2_000,
      },
    );
    cluster.on('+node', (node: Redis) => {
      const { host, port } = addressOf(node);
      node.on('ready', () => this.#connected(`${host}:${port}`));
    });
    return cluster;
  }

  #connected(server: string): void {
    if (!this.#known.has(server)) {
      this.#known.add(server);
      return;
    }
    for (const listener of this.#onBack) listener();
  }
}

/**
 * A client whose commands wait until the server is there: for a library that blocks on them. It connects at once, again and
 * again; whoever asked for it disconnects it.
 * @throws {LogsError} INVALID_ARGUMENT for a URL that is none
 */
export function patientClient(url: string): Redis | Cluster {
  const { nodes, cluster } = parse(url);
  const [first] = nodes;
  if (!cluster) return quiet(new Redis({ ...PATIENT, ...first, retryStrategy: pauseBefore }));
  const { host: _host, port: _port, db: _db, ...common } = first;
  return quiet(
    new Cluster(
      nodes.map(({ host, port }) => ({ host, port })),
      { redisOptions: { ...PATIENT, ...common }, clusterRetryStrategy: pauseBefore },
    ),
  );
}

function quiet<T extends Redis | Cluster>(client: T): T {
  // It comes back by itself, and a command that failed for another reason tells it.
  client.on('error', () => {});
  return client;
}

function addressOf({ options: { host = '127.0.0.1', port = 6379 } }: Redis): Pick<Address, 'host' | 'port'> {
  return { host, port };
}
