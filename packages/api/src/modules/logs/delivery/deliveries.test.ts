import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LIMITS } from '@kubidu/contracts';
import type { LogEntry, StreamId } from '@kubidu/contracts';
import { encodeEntry, LogsError, MemoryLogStore, Tails } from '@kubidu/core';
import { eventually, seededRandom } from '@kubidu/testing';
import { createServer } from 'node:http';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import type { Socket as Client } from 'socket.io-client';

import { Deliveries } from './deliveries.ts';
import type { Wish } from './deliveries.ts';
import { SocketOutlet } from './socket-outlet.ts';

type SocketWish = Wish & { readonly batch: boolean };

const STREAM: StreamId = 'runtime:web';
const line = (message: string) => encodeEntry({ timestamp: '2026-11-21T00:00:00Z', message });
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => line(`line ${from + at}`));
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

/** What a client was sent, in order. */
class Record {
  readonly events: [string, unknown][] = [];

  constructor(client: Client) {
    client.onAny((event: string, first: unknown) => this.events.push([event, first]));
  }

  get indexes(): number[] {
    return this.events.flatMap(([event, first]) => {
      if (event === 'log') return [(first as LogEntry).index];
      return event === 'logs' || event === 'logs:history' ? (first as LogEntry[]).map((entry) => entry.index) : [];
    });
  }

  get names(): string[] {
    return this.events.map(([event]) => event);
  }
}

describe('Deliveries', () => {
  let store: MemoryLogStore;
  let tails: Tails;
  let deliveries: Deliveries;
  let http: HttpServer;
  let server: Server;
  let clients: Client[];
  let catchingUp: number;
  let scanned: number;

  beforeEach(async () => {
    catchingUp = 0;
    scanned = 0;
    store = new MemoryLogStore();
    tails = new Tails(store);
    deliveries = new Deliveries(tails, {
      delivered: () => undefined,
      scanned: (lines) => (scanned += lines),
      lagged: () => undefined,
      subscribers: () => undefined,
      catchingUp: (change) => (catchingUp += change),
      failed: (_, error) => {
        throw error;
      },
    });
    http = createServer();
    server = new Server(http, { perMessageDeflate: false });
    server.of('/logs').on('connection', (socket) => {
      socket.on('subscribe', (wish: SocketWish, ack: (answer: object) => void) => {
        const via = { outlet: new SocketOutlet(socket), form: wish.batch ? 'logs' : 'log' } as const;
        deliveries.prepare(socket, STREAM, wish, via).then(
          ({ subscribed, start }) => {
            ack({ ok: true, ...subscribed });
            start();
          },
          (error: unknown) => ack({ ok: false, error: error instanceof LogsError ? error.body() : String(error) }),
        );
      });
      socket.on('unsubscribe', (ack: (answer: object) => void) => {
        deliveries.end(socket, STREAM).then(
          (ok) => ack({ ok }),
          () => ack({ ok: false }),
        );
      });
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    clients = [];
  });

  afterEach(async () => {
    for (const client of clients) client.disconnect();
    await deliveries[Symbol.asyncDispose]();
    await tails[Symbol.asyncDispose]();
    await new Promise<void>((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve())).catch(reject);
    });
  });

  function connect(transports: ('websocket' | 'polling')[] = ['websocket']): Client {
    const client = io(`http://127.0.0.1:${(http.address() as AddressInfo).port}/logs`, { transports, forceNew: true });
    clients.push(client);
    return client;
  }

  function subscribe(client: Client, wish: Partial<SocketWish>): Promise<{ firstIndex: number; lastIndex: number }> {
    return client.emitWithAck('subscribe', { lines: 100, batch: true, ...wish }) as never;
  }

  it.each([
    { form: 'logs', batch: true, transport: 'websocket' as const },
    { form: 'log', batch: false, transport: 'websocket' as const },
    { form: 'logs', batch: true, transport: 'polling' as const },
    { form: 'log', batch: false, transport: 'polling' as const },
  ])('delivers history first, then live entries as $form over $transport', async ({ form, batch, transport }) => {
    await store.append(STREAM, numbered(1, 150));
    const client = connect([transport]);
    const record = new Record(client);
    expect(await subscribe(client, { batch })).toMatchObject({ ok: true, firstIndex: 1, lastIndex: 150 });
    await store.append(STREAM, numbered(151, 170));
    await eventually(() => expect(record.indexes).toEqual(range(51, 170)));
    expect(record.names[0]).toBe('logs:history');
    expect(new Set(record.names.slice(1))).toEqual(new Set([form]));
  });

  it('sends an empty history to a reader of a stream that has no entry yet', async () => {
    const client = connect();
    const record = new Record(client);
    await subscribe(client, {});
    await eventually(() => expect(record.events).toEqual([['logs:history', []]]));
  });

  it('delivers everything after sinceIndex, at most 1,000 of it as history', async () => {
    for (let at = 0; at < 5; at++) await store.append(STREAM, numbered(at * 500 + 1, at * 500 + 500));
    const client = connect();
    const record = new Record(client);
    await subscribe(client, { sinceIndex: 7 });
    await eventually(() => expect(record.indexes).toEqual(range(8, 2_500)));
    expect((record.events[0]?.[1] as unknown[]).length).toBe(1_000);
    expect(record.names.filter((name) => name === 'logs:history')).toHaveLength(1);
  });

  it('tells a gap after an empty history, then goes on', async () => {
    await store.append(STREAM, numbered(1, 10));
    await store.append(STREAM, numbered(11, 20));
    await store.trim(STREAM, { through: 10 });
    const client = connect();
    const record = new Record(client);
    await subscribe(client, { sinceIndex: 3 });
    await eventually(() => expect(record.indexes).toEqual(range(11, 20)));
    expect(record.events.slice(0, 2)).toEqual([
      ['logs:history', []],
      ['logs:gap', { stream: STREAM, from: 4, to: 10, reason: 'trimmed' }],
    ]);
  });

  it('tells the end once everything was delivered', async () => {
    await store.append(STREAM, numbered(1, 3));
    const client = connect();
    const record = new Record(client);
    await subscribe(client, {});
    await store.append(STREAM, numbered(4, 5));
    await store.end(STREAM, { status: 'failed', exitCode: 3 });
    await eventually(() => expect(record.names).toContain('logs:end'));
    expect(record.indexes).toEqual(range(1, 5));
    expect(record.events.at(-1)).toEqual(['logs:end', { stream: STREAM, lastIndex: 5, status: 'failed', exitCode: 3 }]);
  });

  it('writes nothing more once the subscription was ended', async () => {
    const client = connect();
    const record = new Record(client);
    await subscribe(client, {});
    await client.emitWithAck('unsubscribe');
    await store.append(STREAM, numbered(1, 3));
    expect(await subscribe(client, { lines: 0 })).toMatchObject({ lastIndex: 3 });
    await eventually(() => expect(record.names.filter((name) => name === 'logs:history')).toHaveLength(2));
    expect(record.indexes).toEqual([]);
  });

  it('replaces a subscription to the same stream, delivering nothing of the first any more', async () => {
    await store.append(STREAM, numbered(1, 50));
    const client = connect();
    const record = new Record(client);
    await Promise.all([subscribe(client, { lines: 0 }), subscribe(client, { sinceIndex: 48 })]);
    await store.append(STREAM, numbered(51, 60));
    await eventually(() => expect(record.indexes.at(-1)).toBe(60));
    expect(record.indexes).toEqual(range(49, 60));
  });

  it('waits where a reader has seen more than there is', async () => {
    await store.append(STREAM, numbered(1, 5));
    const client = connect();
    const record = new Record(client);
    await subscribe(client, { sinceIndex: 8 });
    await store.append(STREAM, numbered(6, 7));
    await store.append(STREAM, numbered(8, 10));
    await eventually(() => expect(record.indexes).toEqual([9, 10]));
  });

  it('lets a reader who stops reading fall behind, delays nobody for it, and gives it everything later', async () => {
    const slow = connect();
    const quick = connect();
    const [slowRecord, quickRecord] = [new Record(slow), new Record(quick)];
    await subscribe(slow, {});
    await subscribe(quick, {});
    const raw = (slow.io.engine.transport as unknown as { ws: { _socket: { pause(): void; resume(): void } } }).ws
      ._socket;
    raw.pause();
    const wide = 'x'.repeat(10_000);
    const total = 4_000; // 40 MB: more than the kernel keeps for a socket that is not read
    for (let index = 1; index <= total; index += 100) {
      await store.append(
        STREAM,
        range(index, index + 99).map((n) => line(`${n} ${wide}`)),
      );
      await eventually(() => expect(quickRecord.indexes.at(-1)).toBe(index + 99));
    }
    expect(catchingUp).toBe(1);
    expect(slowRecord.indexes.length).toBeLessThan(total);
    raw.resume();
    await eventually(() => expect(slowRecord.indexes.at(-1)).toBe(total));
    expect(slowRecord.indexes).toEqual(range(1, total));
    expect(quickRecord.indexes).toEqual(range(1, total));
  });

  it('delivers every entry once while appends, joins and leaves overlap', async () => {
    const records: { record: Record; since: number }[] = [];
    let written = 0;
    while (written < 3_000) {
      if (written % 300 === 0) {
        const client = connect();
        const since = Math.floor(written / 2);
        const record = new Record(client);
        records.push({ record, since });
        client.once('connect', () =>
          client.emit('subscribe', { sinceIndex: since, lines: 0, batch: true }, () => undefined),
        );
      }
      await store.append(STREAM, numbered(written + 1, written + 10));
      written += 10;
      await new Promise(setImmediate);
    }
    for (const { record, since } of records)
      await eventually(() => expect(record.indexes).toEqual(range(since + 1, 3_000)));
  });

  describe('with a query', () => {
    /** Every tenth line matches. */
    const tenths = (from: number, to: number) =>
      range(from, to).map((n) => line(n % 10 === 0 ? `line ${n} failed` : `line ${n}`));
    const multiples = (from: number, to: number) => range(from, to).filter((n) => n % 10 === 0);
    const fill = async (to: number) => {
      for (let at = 0; at < to; at += 500) await store.append(STREAM, tenths(at + 1, Math.min(at + 500, to)));
    };

    it.each([
      { form: 'logs', batch: true },
      { form: 'log', batch: false },
    ])('starts with the newest that match, then delivers what matches as $form', async ({ form, batch }) => {
      await fill(2_000);
      const client = connect();
      const record = new Record(client);
      expect(await subscribe(client, { batch, lines: 5, query: 'FAILED' })).toMatchObject({
        ok: true,
        lastIndex: 2_000,
      });
      await eventually(() => expect(record.indexes).toEqual(multiples(1_951, 2_000)));
      await store.append(STREAM, tenths(2_001, 2_100));
      await eventually(() => expect(record.indexes).toEqual(multiples(1_951, 2_100)));
      expect(record.names[0]).toBe('logs:history');
      expect(record.events[0]?.[1]).toHaveLength(5);
      expect(new Set(record.names.slice(1))).toEqual(new Set([form]));
    });

    it('starts with all there are where fewer match than were asked for, and with none where none are', async () => {
      await fill(2_000);
      const [few, none] = [connect(), connect()];
      const [fewRecord, noneRecord] = [new Record(few), new Record(none)];
      await subscribe(few, { query: '"line 20 "' });
      await subscribe(none, { query: 'failed', lines: 0 });
      await eventually(() => expect(fewRecord.indexes).toEqual([20]));
      await eventually(() => expect(noneRecord.events).toEqual([['logs:history', []]]));
    });

    it('delivers what does not fit into the history behind it', async () => {
      await fill(12_000);
      const client = connect();
      const record = new Record(client);
      await subscribe(client, { lines: 1_100, query: 'failed' });
      await eventually(() => expect(record.indexes).toEqual(multiples(1_001, 12_000)));
      expect(record.events[0]?.[1]).toHaveLength(1_000);
    });

    it('continues behind sinceIndex, whatever that is', async () => {
      await fill(2_000);
      const client = connect();
      const record = new Record(client);
      await subscribe(client, { sinceIndex: 1_975, query: 'failed' });
      await eventually(() => expect(record.indexes).toEqual([1_980, 1_990, 2_000]));
    });

    it('is the same subscription as without one where the query is empty', async () => {
      await fill(20);
      const client = connect();
      const record = new Record(client);
      await subscribe(client, { query: ' ' });
      await eventually(() => expect(record.indexes).toEqual(range(1, 20)));
      expect(scanned).toBe(0);
    });

    it('refuses one that does not parse, and leaves the subscription there was', async () => {
      const client = connect();
      const record = new Record(client);
      await subscribe(client, { lines: 0 });
      expect(await subscribe(client, { query: 'a (b' })).toEqual({
        ok: false,
        error: {
          code: 'INVALID_ARGUMENT',
          message: 'query is wrong at column 3: the parenthesis is not closed',
          details: [{ field: 'query', message: 'is wrong at column 3: the parenthesis is not closed', column: 3 }],
        },
      });
      await store.append(STREAM, numbered(1, 3));
      await eventually(() => expect(record.indexes).toEqual([1, 2, 3]));
    });

    it('asks the same query once of each batch, however many ask it in whichever form', async () => {
      const clients = range(1, 10).map(() => connect());
      const records = clients.map((client) => new Record(client));
      for (const [at, client] of clients.entries())
        await subscribe(client, { batch: at % 2 === 0, query: at % 3 === 0 ? 'failed  line' : '(FAILED) line' });
      await fill(1_000);
      for (const record of records) await eventually(() => expect(record.indexes).toEqual(multiples(1, 1_000)));
      expect(scanned).toBe(1_000);
    });

    it('bounds the queries of a stream', async () => {
      const client = range(1, LIMITS.queriesPerStream).map(() => connect());
      for (const [at, one] of client.entries())
        expect(await subscribe(one, { query: `q${at}` })).toMatchObject({ ok: true });
      const late = connect();
      expect(await subscribe(late, { query: 'one more' })).toMatchObject({ error: { code: 'RATE_LIMITED' } });
      expect(await subscribe(late, { query: 'q0' })).toMatchObject({ ok: true });
      await client[1]?.emitWithAck('unsubscribe');
      expect(await subscribe(late, { query: 'one more' })).toMatchObject({ ok: true });
    });

    it('tells gaps and the end all the same', async () => {
      await fill(2_000);
      await store.trim(STREAM, { through: 1_000 });
      const client = connect();
      const record = new Record(client);
      await subscribe(client, { sinceIndex: 7, query: '"line 2000 failed"' });
      await store.end(STREAM, { status: 'failed' });
      await eventually(() => expect(record.names).toContain('logs:end'));
      expect(record.events).toEqual([
        ['logs:history', []],
        ['logs:gap', { stream: STREAM, from: 8, to: 1_000, reason: 'trimmed' }],
        ['logs', [expect.objectContaining({ index: 2_000 })]],
        ['logs:end', { stream: STREAM, lastIndex: 2_000, status: 'failed' }],
      ]);
    });

    it('looks at each line once for a reader that falls behind, and delivers every match once', async () => {
      const client = connect();
      const record = new Record(client);
      await subscribe(client, { query: 'failed' });
      await eventually(() => expect(record.names).toEqual(['logs:history']));
      const raw = (client.io.engine.transport as unknown as { ws: { _socket: { pause(): void; resume(): void } } }).ws
        ._socket;
      raw.pause();
      const wide = 'x'.repeat(100_000);
      const total = 4_000; // every tenth is wide: 40 MB, more than the kernel keeps for a socket that is not read
      for (let at = 0; at < total; at += 100)
        await store.append(
          STREAM,
          range(at + 1, at + 100).map((n) => line(n % 10 === 0 ? `failed ${wide}` : `line ${n}`)),
        );
      await eventually(() => expect(catchingUp).toBe(1));
      raw.resume();
      await eventually(() => expect(record.indexes.at(-1)).toBe(total));
      expect(record.indexes).toEqual(multiples(1, total));
      // What was looked at together when there was no room for it is looked at again; not what came before.
      expect(scanned).toBeLessThan(total * 2);
    });

    it.each([{ lines: 100 }, { lines: 0 }])(
      'refuses a query that costs too much ($lines lines of history), and goes on for others',
      async ({ lines }) => {
        // One of those for which RE2's automaton has more states than can be kept.
        const query = '/([a-e].{20}){8}[k-z]/';
        const random = seededRandom(1);
        const text = () => Array.from({ length: 150 }, () => 'abcdefghij 01234'.charAt(random() * 16)).join('');
        const append = () =>
          store.append(
            STREAM,
            Array.from({ length: 500 }, () => line(text())),
          );
        if (lines > 0) await append();
        const [costly, other] = [connect(), connect()];
        const [costlyRecord, otherRecord] = [new Record(costly), new Record(other)];
        await subscribe(other, { query: 'a', lines: 0 });
        expect(await subscribe(costly, { query, lines })).toMatchObject({ ok: true });
        if (lines === 0) await eventually(() => expect(costlyRecord.names).toEqual(['logs:history']));
        await append();
        await eventually(() => expect(costlyRecord.names).toContain('error'));
        expect(costlyRecord.events.at(-1)?.[1]).toMatchObject({ code: 'INVALID_ARGUMENT', stream: STREAM });
        await store.append(STREAM, [line('after it')]);
        await eventually(() => expect(otherRecord.indexes.at(-1)).toBe(lines > 0 ? 1_001 : 501));
      },
    );

    it('delivers every match once while appends, joins and leaves overlap', async () => {
      const records: { record: Record; since: number }[] = [];
      let written = 0;
      while (written < 3_000) {
        if (written % 300 === 0) {
          const client = connect();
          const since = Math.floor(written / 2);
          const record = new Record(client);
          records.push({ record, since });
          const wish = { sinceIndex: since, lines: 0, batch: written % 600 === 0, query: 'failed' };
          client.once('connect', () => client.emit('subscribe', wish, () => undefined));
        }
        await store.append(STREAM, tenths(written + 1, written + 10));
        written += 10;
        await new Promise(setImmediate);
      }
      for (const { record, since } of records)
        await eventually(() => expect(record.indexes).toEqual(multiples(since + 1, 3_000)));
    });
  });
});
