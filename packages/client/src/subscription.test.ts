import { afterEach, describe, expect, it } from '@jest/globals';
import type { LogEntry, StreamId } from '@kubidu/contracts';
import { eventually } from '@kubidu/testing';
import { ScriptedServer } from '@kubidu/testing/scripted-server';

import { ClientError } from './client-error.ts';
import { connect } from './logs-client.ts';
import type { ConnectOptions, LogsClient } from './logs-client.ts';
import type { SubscriptionItem } from './subscription-item.ts';
import type { SubscribeOptions, Subscription } from './subscription.ts';

const WEB: StreamId = 'runtime:web';
const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function start(): Promise<ScriptedServer> {
  const server = await ScriptedServer.start();
  open.push(server);
  return server;
}

function clientOf(server: ScriptedServer, options: Partial<ConnectOptions> = {}): LogsClient {
  const client = connect({ url: server.url, backoff: { minMs: 5, maxMs: 50 }, ackTimeoutMs: 500, ...options });
  open.push(client);
  return client;
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function messages(count: number): string[] {
  return numbers(1, count).map((n) => `line ${n}`);
}

/** Reads everything as it comes, and keeps it. */
class Reader {
  readonly items: SubscriptionItem[] = [];
  readonly entries: LogEntry[] = [];
  readonly done: Promise<unknown>;
  error: unknown;

  constructor(readonly subscription: Subscription) {
    this.done = this.#read();
  }

  get indexes(): number[] {
    return this.entries.map((entry) => entry.index);
  }

  of<T extends SubscriptionItem['type']>(type: T): Extract<SubscriptionItem, { type: T }>[] {
    return this.items.filter((item): item is Extract<SubscriptionItem, { type: T }> => item.type === type);
  }

  async has(last: number): Promise<void> {
    await eventually(() => expect(this.entries.at(-1)?.index).toBe(last));
  }

  async #read(): Promise<void> {
    try {
      for await (const item of this.subscription) {
        this.items.push(item);
        if (item.type === 'entries') this.entries.push(...item.entries);
      }
    } catch (error) {
      this.error = error;
    }
  }
}

function read(client: LogsClient, options: SubscribeOptions = {}): Reader {
  return new Reader(client.subscribe(WEB, options));
}

describe('a subscription', () => {
  it('gives the newest lines first and then what is written, in order', async () => {
    const server = await start();
    server.append(WEB, ...messages(10));
    const reader = read(clientOf(server), { lines: 4 });
    await reader.has(10);
    server.append(WEB, 'eleven');
    await reader.has(11);
    expect(reader.indexes).toEqual(numbers(7, 11));
    expect(reader.of('connected')).toEqual([{ type: 'connected', firstIndex: 1, lastIndex: 10, resumed: false }]);
  });

  it.each([{ batch: true }, { batch: false }])('continues after sinceIndex, with batch $batch', async ({ batch }) => {
    const server = await start();
    server.append(WEB, ...messages(3_500));
    const reader = read(clientOf(server), { sinceIndex: 20, batch });
    await reader.has(3_500);
    expect(reader.indexes).toEqual(numbers(21, 3_500));
  });

  it('waits on a stream that has no entry yet', async () => {
    const server = await start();
    const reader = read(clientOf(server));
    await eventually(() => reader.of('connected').length === 1);
    server.append(WEB, 'first');
    await reader.has(1);
  });

  it('gives nothing old with lines 0, and misses nothing through an outage before the first line', async () => {
    const server = await start();
    server.append(WEB, ...messages(5));
    const reader = read(clientOf(server), { lines: 0 });
    await eventually(() => reader.of('connected').length === 1);
    await server.hangUp();
    server.append(WEB, 'six', 'seven');
    await server.listen();
    await reader.has(7);
    expect(reader.indexes).toEqual([6, 7]);
  });

  it('ends after the end of its stream, with the status', async () => {
    const server = await start();
    server.append(WEB, 'only');
    server.stream(WEB).ended = { status: 'failed', exitCode: 3 };
    const reader = read(clientOf(server));
    await reader.done;
    expect(reader.indexes).toEqual([1]);
    expect(reader.items.at(-1)).toEqual({ type: 'end', lastIndex: 1, status: 'failed', exitCode: 3 });
  });

  it('tells who writes', async () => {
    const server = await start();
    server.stream(WEB).sources = [{ podName: 'web-1', container: 'app', state: 'running' }];
    const reader = read(clientOf(server));
    await eventually(() => expect(reader.of('sources').at(-1)?.sources).toHaveLength(1));
  });

  it('has one reader', async () => {
    const server = await start();
    const reader = read(clientOf(server));
    await expect(reader.subscription[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('is the only one to its stream on a client, until it is closed', async () => {
    const server = await start();
    const client = clientOf(server);
    const first = client.subscribe(WEB);
    expect(() => client.subscribe(WEB)).toThrow(ClientError);
    await first.close();
    const second = read(client);
    server.append(WEB, 'one');
    await second.has(1);
  });

  it.each(['close', 'abort', 'break'] as const)('ends quietly on %s and tells the server', async (how) => {
    const server = await start();
    server.append(WEB, 'one');
    const owner = new AbortController();
    const client = clientOf(server);
    const subscription = client.subscribe(WEB, { signal: owner.signal });
    for await (const item of subscription) {
      if (item.type !== 'entries') continue;
      if (how === 'close') await subscription.close();
      else if (how === 'abort') owner.abort();
      else break;
    }
    const again = read(client);
    await again.has(1);
    expect(again.error).toBeUndefined();
  });
});

describe('through outages', () => {
  it('continues exactly after the server was away, with notices', async () => {
    const server = await start();
    server.append(WEB, ...messages(10));
    const reader = read(clientOf(server));
    await reader.has(10);
    await server.hangUp();
    await eventually(() => reader.of('reconnecting').length > 2);
    server.append(WEB, ...messages(2_000));
    await server.listen();
    await reader.has(2_010);
    expect(reader.indexes).toEqual(numbers(1, 2_010));
    expect(reader.of('connected').map((item) => item.resumed)).toEqual([false, true]);
    expect(reader.of('reconnecting').at(-1)?.error.code).toBe('UNREACHABLE');
  });

  it('waits for a server that is away at the start', async () => {
    const server = await start();
    server.append(WEB, 'one');
    await server.hangUp();
    const reader = read(clientOf(server));
    await eventually(() => reader.of('reconnecting').length > 1);
    expect(reader.of('reconnecting').at(-1)?.error.message).toBe('connection refused');
    await server.listen();
    await reader.has(1);
  });

  it('comes back when the server hangs up by itself, each of 20 times', async () => {
    const server = await start();
    const reader = read(clientOf(server), { sinceIndex: 0 });
    for (let round = 1; round <= 20; round++) {
      await eventually(() => server.sockets === 1);
      server.append(WEB, `${round}`);
      server.disconnectAll();
      server.append(WEB, `${round} too`);
    }
    await reader.has(40);
    expect(reader.indexes).toEqual(numbers(1, 40));
  });

  it('asks again when a subscription is not answered', async () => {
    const server = await start();
    server.append(WEB, 'one');
    server.mute = true;
    const reader = read(clientOf(server));
    await eventually(() => server.subscribed.length >= 2);
    server.mute = false;
    await reader.has(1);
    expect(reader.indexes).toEqual([1]);
  });

  it('asks again while the store is away, and gives up what is forbidden', async () => {
    const server = await start();
    server.append(WEB, 'one');
    server.refuse = () => ({ code: 'UNAVAILABLE', message: 'the store is away' });
    const client = clientOf(server);
    const reader = read(client);
    await eventually(() => server.subscribed.length >= 3);
    server.refuse = undefined;
    await reader.has(1);
    await reader.subscription.close();
    server.refuse = () => ({ code: 'FORBIDDEN', message: 'Unauthorized' });
    const refused = read(client);
    await refused.done;
    expect(refused.error).toMatchObject({ code: 'FORBIDDEN' });
  });

  it('says that the server lost data and goes on with what is new', async () => {
    const server = await start();
    server.append(WEB, ...messages(3));
    const reader = read(clientOf(server), { sinceIndex: 10 });
    await eventually(() => expect(reader.of('behind')).toEqual([{ type: 'behind', lastIndex: 3, readThrough: 10 }]));
    server.append(WEB, ...messages(8));
    await reader.has(11);
    expect(reader.indexes).toEqual([11]);
  });
});

describe('a token', () => {
  it('that is refused at the start is an error', async () => {
    const server = await start();
    server.tokens = new Set(['good']);
    const reader = read(clientOf(server, { token: 'bad' }));
    await reader.done;
    expect(reader.error).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('that expires in between ends the subscription after a notice', async () => {
    const server = await start();
    server.tokens = new Set(['good']);
    server.append(WEB, 'one');
    const reader = read(clientOf(server, { token: 'good' }));
    await reader.has(1);
    server.tokens.clear();
    server.disconnectAll();
    await reader.done;
    expect(reader.error).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(reader.of('reconnecting').length).toBeGreaterThan(0);
  });

  it('from a function is renewed, and nothing is missed', async () => {
    const server = await start();
    server.tokens = new Set(['1']);
    server.append(WEB, 'one');
    let current = 1;
    const reader = read(clientOf(server, { token: async () => String(current) }));
    await reader.has(1);
    server.tokens = new Set(['2']);
    server.append(WEB, 'two');
    current = 2;
    server.disconnectAll();
    server.append(WEB, 'three');
    await reader.has(3);
    expect(reader.indexes).toEqual([1, 2, 3]);
  });

  it('from a function that is told of the refusal may wait for the next, however late that comes', async () => {
    const server = await start();
    server.tokens = new Set(['1']);
    server.append(WEB, 'one');
    let current: string | Promise<string> = '1';
    let renew: ((next: string) => void) | undefined;
    const token = (refused?: string) => {
      if (refused === current) current = new Promise((resolve) => (renew = resolve));
      return current;
    };
    const reader = read(clientOf(server, { token }));
    await reader.has(1);
    server.tokens = new Set(['2']);
    server.disconnectAll();
    await eventually(() => renew !== undefined);
    server.append(WEB, 'two');
    expect(reader.error).toBeUndefined();
    renew?.('2');
    await reader.has(2);
    expect(reader.indexes).toEqual([1, 2]);
  });

  it('from a function that gives another bad one each time does not loop for ever', async () => {
    const server = await start();
    server.tokens = new Set();
    let asked = 0;
    const reader = read(clientOf(server, { token: () => `bad ${asked++}` }));
    await reader.done;
    expect(reader.error).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(asked).toBeLessThan(20);
  });
});

describe('a server that misbehaves', () => {
  it('and repeats entries is read once', async () => {
    const server = await start();
    const reader = read(clientOf(server), { sinceIndex: 0 });
    await eventually(() => reader.of('connected').length === 1);
    server.distort = (entries) => [...entries, ...entries];
    for (const line of messages(50)) server.append(WEB, line);
    await reader.has(50);
    // The answer to what was asked again may come after the last entry.
    await eventually(() => reader.subscription.counts.repeats > 0);
    expect(reader.indexes).toEqual(numbers(1, 50));
  });

  it('and skips entries is asked again for them', async () => {
    const server = await start();
    const reader = read(clientOf(server), { sinceIndex: 0 });
    await eventually(() => reader.of('connected').length === 1);
    let skips = 3;
    server.distort = (entries) => (skips-- > 0 ? entries.slice(0, 1).concat(entries.slice(3)) : entries);
    server.append(WEB, ...messages(10));
    await reader.has(10);
    expect(reader.indexes).toEqual(numbers(1, 10));
    expect(reader.subscription.counts.holes).toBeGreaterThan(0);
    expect(reader.of('gap')).toEqual([]);
  });

  it('and never gives what it skipped leaves an unexplained gap, not a silent hole', async () => {
    const server = await start();
    server.distort = (entries) => entries.filter((entry) => entry.index !== 5 && entry.index !== 6);
    server.append(WEB, ...messages(10));
    const reader = read(clientOf(server), { sinceIndex: 0 });
    await reader.has(10);
    expect(reader.indexes).toEqual([1, 2, 3, 4, 7, 8, 9, 10]);
    expect(reader.of('gap')).toEqual([{ type: 'gap', from: 5, to: 6, reason: 'unexplained' }]);
  });

  it('and trimmed what was asked for says which indexes are gone', async () => {
    const server = await start();
    server.append(WEB, ...messages(10));
    server.trim(WEB, 6, 'expired');
    const reader = read(clientOf(server), { sinceIndex: 2 });
    await reader.has(10);
    expect(reader.of('gap')).toEqual([{ type: 'gap', from: 3, to: 6, reason: 'expired' }]);
    expect(reader.indexes).toEqual([7, 8, 9, 10]);
  });

  it('and ends a stream before all was sent is asked for the rest first', async () => {
    const server = await start();
    const reader = read(clientOf(server), { sinceIndex: 0 });
    await eventually(() => reader.of('connected').length === 1);
    server.distort = () => [];
    server.append(WEB, ...messages(3));
    server.distort = undefined;
    server.stream(WEB).ended = { status: 'succeeded' };
    server.broadcast((socket) => socket.emit('logs:end', { stream: WEB, lastIndex: 3, status: 'succeeded' }));
    await reader.done;
    expect(reader.indexes).toEqual([1, 2, 3]);
    expect(reader.items.at(-1)).toMatchObject({ type: 'end', lastIndex: 3 });
  });

  it('and sends another stream is not believed', async () => {
    const server = await start();
    const reader = read(clientOf(server));
    await eventually(() => reader.of('connected').length === 1);
    const entry = { index: 1, timestamp: '2026-11-20T00:00:00Z', message: 'not yours' };
    server.broadcast((socket) => socket.emit('log', entry, { stream: 'runtime:other' }));
    server.append(WEB, 'mine');
    await reader.has(1);
    expect(reader.entries.map((one) => one.message)).toEqual(['mine']);
  });
});

describe('a reader that lags', () => {
  it('holds no more than its bound, and gets everything later', async () => {
    const server = await start();
    const client = clientOf(server);
    const subscription = client.subscribe(WEB, { sinceIndex: 0, maxEntries: 500 });
    const reader = subscription[Symbol.asyncIterator]();
    let rounds = 0;
    await eventually(() => {
      server.append(WEB, ...messages(100));
      rounds++;
      return subscription.counts.rests > 0;
    });
    server.append(WEB, ...messages(5_000));
    const total = rounds * 100 + 5_000;
    const got: number[] = [];
    while (got.length < total) {
      const { value } = await reader.next();
      if (value?.type === 'entries') got.push(...value.entries.map((entry) => entry.index));
    }
    expect(got).toEqual(numbers(1, total));
    await reader.return(undefined);
  });
});

describe('history', () => {
  it('pages backwards beside a subscription', async () => {
    const server = await start();
    server.append(WEB, ...messages(50));
    const client = clientOf(server);
    const reader = read(client, { lines: 10 });
    await reader.has(50);
    const page = await client.history(WEB, { before: 41, limit: 20 });
    expect(page.entries.map((entry) => entry.index)).toEqual(numbers(21, 40));
  });
});

describe('a subscription with a query', () => {
  const even = (entries: LogEntry[]) => entries.filter(({ index }) => index % 2 === 0);

  it('takes what is skipped for what does not match, also through an outage', async () => {
    const server = await start();
    server.distort = even;
    server.append(WEB, ...messages(10));
    const reader = read(clientOf(server), { query: 'even' });
    await reader.has(10);
    server.disconnectAll();
    server.append(WEB, ...messages(5));
    await reader.has(14);
    server.append(WEB, ...messages(5));
    await reader.has(20);
    expect(reader.indexes).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
    expect(reader.subscription.counts).toMatchObject({ repeats: 0, holes: 0 });
    expect(server.subscribed).toEqual([
      { stream: WEB, batch: true, query: 'even' },
      { stream: WEB, batch: true, query: 'even', sinceIndex: 10 },
    ]);
  });

  it('resumes from where the server has looked, where nothing matched', async () => {
    const server = await start();
    server.distort = () => [];
    server.append(WEB, ...messages(10));
    const reader = read(clientOf(server), { query: 'nowhere' });
    await eventually(() => expect(reader.of('connected')).toHaveLength(1));
    server.disconnectAll();
    await eventually(() => expect(server.subscribed[1]).toMatchObject({ sinceIndex: 10 }));
  });

  it('drops repeats, tells gaps and the end', async () => {
    const server = await start();
    server.distort = even;
    server.append(WEB, ...messages(20));
    server.trim(WEB, 10, 'expired');
    server.stream(WEB).ended = { status: 'failed' };
    const reader = read(clientOf(server), { query: 'even', sinceIndex: 4 });
    await reader.done;
    expect(reader.of('gap')).toEqual([{ type: 'gap', from: 5, to: 10, reason: 'expired' }]);
    expect(reader.indexes).toEqual([12, 14, 16, 18, 20]);
    expect(reader.of('end')).toEqual([{ type: 'end', lastIndex: 20, status: 'failed' }]);
    expect(reader.subscription.counts.holes).toBe(0);
  });

  it('checks for holes where the query is empty', async () => {
    const server = await start();
    server.append(WEB, ...messages(4));
    server.distort = (entries) => entries.filter(({ index }) => index !== 3);
    const reader = read(clientOf(server), { query: ' ' });
    await reader.has(4);
    expect(reader.of('gap')).toEqual([{ type: 'gap', from: 3, to: 3, reason: 'unexplained' }]);
  });
});
