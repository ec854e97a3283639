import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { TokenClaims } from '../access-token.ts';
import { eventually } from '../eventually.ts';
import { RawHttp } from './raw-http.ts';
import { RawSocket } from './raw-socket.ts';

/** A running server that asks for tokens. */
export interface ProtocolServer extends AsyncDisposable {
  readonly url: string;
  /** Takes entries for every stream. */
  readonly ingestToken: string;
  /** A token that says this. */
  tokenFor(claims: TokenClaims): string;
  /** How much of a stream the server keeps, in bytes. */
  readonly hotBytes: number;
}

interface Entry {
  readonly index: number;
  readonly message: string;
  readonly timestamp: string;
  readonly [field: string]: unknown;
}

type Kind = 'runtime' | 'job' | 'build' | 'bot';

const uniqueStream = (kind: Kind = 'runtime') => `${kind}:p-${randomUUID()}`;
const lines = (count: number, from = 1) => Array.from({ length: count }, (_, i) => `line ${from + i}`);
const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

/** Entries of a stream that came to a socket, in order, by whichever event. */
function delivered(socket: RawSocket, stream: string, from = 0): Entry[] {
  return socket.events.slice(from).flatMap(({ name, args }) => {
    const [given, about] = args as [Entry | Entry[] | undefined, { stream: string } | undefined];
    if (about?.stream !== stream || given === undefined) return [];
    return name === 'log' || name === 'logs' || name === 'logs:history' ? given : [];
  });
}

const indexes = (socket: RawSocket, stream: string, from = 0) =>
  delivered(socket, stream, from).map(({ index }) => index);

/** Events of a stream, by name. */
function namesOf(socket: RawSocket, stream: string): string[] {
  return socket.events
    .filter(({ args }) => args.some((arg) => (arg as { stream?: string } | null)?.stream === stream))
    .map(({ name }) => name);
}

/** Every clause of docs/reference/protocol.md against a running server, over a bare WebSocket. */
export function describeProtocol(server: string, start: () => Promise<ProtocolServer>): void {
  describe(`the socket protocol of ${server}`, () => {
    let under: ProtocolServer;
    let http: RawHttp;
    let reader: RawHttp;
    let admin: string;

    beforeAll(async () => {
      under = await start();
      http = new RawHttp(under.url, under.ingestToken);
      admin = under.tokenFor({ admin: true });
      reader = new RawHttp(under.url, admin);
    }, 60_000);
    afterAll(async () => {
      await under[Symbol.asyncDispose]();
    });

    const open = (token = admin) => RawSocket.open(under.url, { token });
    let written: ReturnType<typeof trimmedStream> | undefined;
    /** Written once, as that takes seconds. */
    const trimmed = () => (written ??= trimmedStream(http, under.hotBytes));

    describe('connection', () => {
      it('1.1 WebSocket works at once in the namespace /logs', async () => {
        await using socket = await open();
        expect(socket).toMatchObject({ connected: true, refused: undefined });
      });

      it('1.2 long polling works too', async () => {
        const stream = uniqueStream();
        await http.feed(stream, ['over polling']);
        const address = `${under.url}/socket.io/?EIO=4&transport=polling`;
        const { sid } = JSON.parse((await (await fetch(address)).text()).slice(1)) as { sid: string };
        const send = async (packet: string) => {
          const response = await fetch(`${address}&sid=${sid}`, { method: 'POST', body: packet });
          expect(await response.text()).toBe('ok');
        };
        let received = '';
        const receive = async (until: string) => {
          await eventually(async () => {
            received += await (await fetch(`${address}&sid=${sid}`)).text();
            return received.includes(until);
          });
        };
        await send(`40/logs,${JSON.stringify({ token: admin })}`);
        await receive('40/logs,{');
        await send(`42/logs,0${JSON.stringify(['subscribe', { stream }])}`);
        await receive('over polling');
        expect(received).toContain('43/logs,0[{"ok":true');
        await send('41/logs,');
        await send('1');
      });

      it('1.3 a token may stand in the handshake or in an Authorization header', async () => {
        await using inHandshake = await RawSocket.open(under.url, { token: admin });
        await using inHeader = await RawSocket.open(under.url, { headers: { authorization: `Bearer ${admin}` } });
        expect([inHandshake.connected, inHeader.connected]).toEqual([true, true]);
      });

      it.each([
        { token: 'that is missing', make: () => undefined },
        { token: 'that is none', make: () => 'not.a.token' },
        { token: 'whose signature is another’s', make: () => `${admin.slice(0, -6)}AAAAAA` },
        { token: 'without a signature', make: () => unsigned(admin) },
        { token: 'that is expired', make: (of: ProtocolServer) => of.tokenFor({ admin: true, exp: now() - 3_600 }) },
        { token: 'of a megabyte', make: () => 'x'.repeat(1_000_000) },
        {
          token: 'for ingest only, where reading is asked for',
          make: (of: ProtocolServer) => of.ingestToken,
          readless: true,
        },
      ])('1.4 a token $token does not get in', async ({ make, readless = false }) => {
        const token = make(under);
        await using socket = await RawSocket.open(under.url, token === undefined ? {} : { token });
        if (readless && socket.connected) {
          expect(await socket.request('subscribe', { stream: uniqueStream() })).toMatchObject(forbidden);
          return;
        }
        expect(socket.connected).toBe(false);
        expect(socket.refused).toEqual({ message: 'Unauthorized', data: { code: 'UNAUTHENTICATED' } });
      });

      it('1.5 a connection ends when its token does, and says why', async () => {
        await using socket = await open(under.tokenFor({ admin: true, exp: now() + 2 }));
        expect(socket.connected).toBe(true);
        await eventually(() => !socket.connected);
        expect(socket.all('error')).toEqual([[expect.objectContaining({ code: 'UNAUTHENTICATED' })]]);
      });

      it('1.6 what one may not read looks like what there is not, and nothing of it comes', async () => {
        const [mine, others, none] = [uniqueStream(), uniqueStream(), uniqueStream()];
        await http.feed(mine, ['mine']);
        await http.feed(others, ['secret']);
        await using socket = await open(under.tokenFor({ streams: [mine] }));
        for (const stream of [others, none]) {
          expect(await socket.request('subscribe', { stream })).toEqual(forbidden);
          expect(await socket.request('subscribe:runtime', { serviceId: stream.slice(8) })).toEqual(forbidden);
          expect(await socket.request('history', { stream })).toEqual(forbidden);
        }
        expect(await socket.request('subscribe:build', { deploymentId: 'none' })).toEqual(forbidden);
        expect(await socket.request('subscribe', { stream: mine })).toMatchObject({ ok: true });
        await http.feed(others, ['secret']);
        await http.feed(mine, ['mine']);
        await eventually(() => indexes(socket, mine).length === 2);
        expect(JSON.stringify(socket.events)).not.toMatch(/secret/);
        expect(socket.events.filter(({ args }) => JSON.stringify(args).includes(others))).toEqual([]);
      });

      it('1.6 a tenant’s token reads nothing of a service that is not known as its own', async () => {
        const stream = uniqueStream();
        await http.feed(stream, ['of tenant b']);
        await using socket = await open(under.tokenFor({ tenants: ['a'] }));
        expect(await socket.request('subscribe', { stream })).toEqual(forbidden);
        expect(await socket.request('history', { stream })).toEqual(forbidden);
      });
    });

    describe('requests', () => {
      it('2.1 each request is acknowledged once', async () => {
        await using socket = await open();
        const stream = uniqueStream();
        expect(await socket.request('subscribe', { stream })).toMatchObject({ ok: true });
        expect(await socket.request('history', { stream })).toMatchObject({ ok: true });
        expect(await socket.request('unsubscribe', { stream })).toEqual({ ok: true });
        expect(await socket.request('subscribe', { stream: 'nonsense' })).toMatchObject({
          ok: false,
          error: { code: 'INVALID_ARGUMENT' },
        });
      });

      it('2.2 a failed request without acknowledgement is told by `error`, with its stream', async () => {
        const hidden = uniqueStream();
        await using socket = await open(under.tokenFor({ streams: ['runtime:other'] }));
        socket.emit('subscribe', { stream: hidden });
        socket.emit('subscribe:runtime', { serviceId: hidden.slice(8) });
        socket.emit('subscribe:build', { deploymentId: 'd-1' });
        socket.emit('subscribe', {});
        await eventually(() => socket.all('error').length === 4);
        const refused = { code: 'FORBIDDEN', message: 'Unauthorized', stream: hidden };
        const errors = socket.all('error').map(([error]) => error as { code: string });
        expect(errors.filter(({ code }) => code === 'FORBIDDEN')).toEqual([
          refused,
          refused,
          { ...refused, stream: 'build:d-1' },
        ]);
        expect(errors.filter(({ code }) => code === 'INVALID_ARGUMENT')).toHaveLength(1);
      });

      const megabyte = 'x'.repeat(1_000_000);
      const good = { stream: 'runtime:web' };
      it.each<{ event: string; payload: readonly unknown[]; field: string }>([
        ...['subscribe', 'subscribe:runtime', 'subscribe:build', 'unsubscribe', 'history'].flatMap((event) =>
          [[], [null], ['text'], [42], [[]], [true], [megabyte], [{}, {}], [{ __proto__: null, constructor: 1 }]].map(
            (payload) => ({
              event,
              payload,
              field: '',
            }),
          ),
        ),
        ...['subscribe', 'unsubscribe', 'history'].flatMap((event) =>
          [
            undefined,
            null,
            5,
            [],
            {},
            '',
            'web',
            'runtime:',
            ':web',
            'nope:web',
            'runtime:a/b',
            'runtime:../x',
            `runtime:${megabyte}`,
            'runtime:a\u0000',
            'runtime:web ',
            ' runtime:web',
          ].map((stream) => ({ event, payload: [{ stream }], field: 'stream' })),
        ),
        ...[undefined, null, 5, [], '', 'a b', 'a/b', megabyte, 'x'.repeat(129)].flatMap((id) => [
          { event: 'subscribe:runtime', payload: [{ serviceId: id }], field: 'serviceId' },
          { event: 'subscribe:build', payload: [{ deploymentId: id }], field: 'deploymentId' },
        ]),
        ...[-1, 10_001, 1.5, '5', null, [], megabyte].map((lines) => ({
          event: 'subscribe',
          payload: [{ ...good, lines }],
          field: 'lines',
        })),
        ...[-1, 1.5, '5', null, 2 ** 60].map((sinceIndex) => ({
          event: 'subscribe',
          payload: [{ ...good, sinceIndex }],
          field: 'sinceIndex',
        })),
        ...['yes', 1, null].map((batch) => ({ event: 'subscribe', payload: [{ ...good, batch }], field: 'batch' })),
        ...[0, -1, 10_001, '5', null].map((limit) => ({
          event: 'history',
          payload: [{ ...good, limit }],
          field: 'limit',
        })),
        ...[-1, '5', null, 1.5].map((before) => ({
          event: 'history',
          payload: [{ ...good, before }],
          field: 'before',
        })),
      ])('2.3 $event with a malformed $field is INVALID_ARGUMENT (%#)', async ({ event, payload, field }) => {
        await using socket = await open();
        const answer = await socket.request(event, ...payload);
        expect(answer).toMatchObject({ ok: false, error: { code: 'INVALID_ARGUMENT', message: expect.any(String) } });
        expect(JSON.stringify(answer).length).toBeLessThan(2_000);
        if (field !== '')
          expect((answer['error'] as { details: { field: string }[] }).details.map((detail) => detail.field)).toContain(
            field,
          );
        expect(await socket.request('subscribe', { stream: uniqueStream() })).toMatchObject({ ok: true });
      });

      it.each(['nonsense', 'subscribe:', 'exception', 'join', '__proto__', 'constructor', 'x'.repeat(100_000)])(
        '2.4 an event that there is not is INVALID_ARGUMENT (%#)',
        async (event) => {
          await using socket = await open();
          const answer = await socket.request(event, { stream: 'runtime:web' });
          expect(answer).toMatchObject({ ok: false, error: { code: 'INVALID_ARGUMENT' } });
          socket.emit(event);
          await eventually(() => socket.all('error').length === 1);
          expect(socket.all('error')[0]).toEqual([expect.objectContaining({ code: 'INVALID_ARGUMENT' })]);
          expect(await socket.request('subscribe', { stream: uniqueStream() })).toMatchObject({ ok: true });
        },
      );

      it('2.5 of 10,000 subscriptions on a connection 1,000 are held, the others RATE_LIMITED, and it goes on', async () => {
        const prefix = uniqueStream();
        await using socket = await open();
        const answers = await Promise.all(
          range(1, 10_000).map((n) => socket.request('subscribe', { stream: `${prefix}.${n}`, lines: 0 })),
        );
        expect(answers.filter(({ ok }) => ok)).toHaveLength(1_000);
        const codes = new Set(answers.filter(({ ok }) => !ok).map(({ error }) => (error as { code: string }).code));
        expect(codes).toEqual(new Set(['RATE_LIMITED']));
        const held = `${prefix}.${answers.findIndex(({ ok }) => ok) + 1}`;
        await http.feed(held, ['still here']);
        await eventually(() => indexes(socket, held).length === 1);
        expect(await socket.request('unsubscribe', { stream: held })).toEqual({ ok: true });
        expect(await socket.request('subscribe', { stream: uniqueStream() })).toMatchObject({ ok: true });
      }, 60_000);

      it('2.6 a message of more than 2 MiB ends its connection and no other', async () => {
        await using socket = await open();
        await using other = await open();
        socket.emit('subscribe', { stream: 'x'.repeat(2.1 * 1024 * 1024) });
        await eventually(() => socket.closed);
        expect(await other.request('subscribe', { stream: uniqueStream() })).toMatchObject({ ok: true });
      });
    });

    describe('subscriptions', () => {
      it('3.1 the acknowledgement says where the stream stands', async () => {
        const stream = uniqueStream();
        await using socket = await open();
        const empty = { ok: true, stream, room: stream, firstIndex: 1, lastIndex: 0 };
        expect(await socket.request('subscribe', { stream })).toEqual(empty);
        await http.feed(stream, lines(7));
        expect(await socket.request('subscribe', { stream })).toEqual({ ...empty, lastIndex: 7 });
      });

      it('3.2 subscribe:runtime is subscribe to the service’s stream', async () => {
        const stream = uniqueStream();
        await http.feed(stream, lines(3));
        await using socket = await open();
        const answer = await socket.request('subscribe:runtime', { serviceId: stream.slice(8), lines: 2 });
        expect(answer).toMatchObject({ ok: true, stream, room: stream, lastIndex: 3 });
        await eventually(() => indexes(socket, stream).length === 2);
        expect(indexes(socket, stream)).toEqual([2, 3]);
      });

      it('3.24 subscribe:build is subscribe to the build’s stream', async () => {
        const stream = uniqueStream('build');
        await http.feed(stream, lines(3));
        await using socket = await open();
        const answer = await socket.request('subscribe:build', { deploymentId: stream.slice(6), sinceIndex: 1 });
        expect(answer).toMatchObject({ ok: true, stream, room: stream, lastIndex: 3 });
        await eventually(() => indexes(socket, stream).length === 2);
        expect(indexes(socket, stream)).toEqual([2, 3]);
      });

      it.each([
        { comes: 'before the first line', early: true },
        { comes: 'late', early: false },
        { comes: 'after the end', early: false, ended: true },
      ])(
        '3.25 whoever comes to a build $comes with sinceIndex 0 gets it first to last, then logs:end once',
        async ({ early, ended = false }) => {
          const stream = uniqueStream('build');
          await using socket = await open();
          const subscribe = () =>
            socket.request('subscribe:build', { deploymentId: stream.slice(6), sinceIndex: 0, batch: true });
          if (early) await subscribe();
          await http.feed(stream, lines(2_500));
          if (!early && !ended) await subscribe();
          await http.feed(stream, lines(700, 2_501));
          await http.end(stream, { status: 'failed', exitCode: 3 });
          if (ended) await subscribe();
          await eventually(() => socket.all('logs:end').length === 1);
          expect(indexes(socket, stream)).toEqual(range(1, 3_200));
          expect(socket.all('logs:end')).toEqual([[{ stream, lastIndex: 3_200, status: 'failed', exitCode: 3 }]]);
          expect(socket.events.at(-1)?.name).toBe('logs:end');
        },
      );

      it.each([0, 1, 2_500])(
        '3.3 logs:history comes once and first, of at most 1,000 entries, with %d stored',
        async (stored) => {
          const stream = uniqueStream();
          if (stored > 0) await http.feed(stream, lines(stored));
          await using socket = await open();
          await socket.request('subscribe', { stream, lines: 10_000 });
          await http.feed(stream, ['live']);
          await eventually(() => indexes(socket, stream).at(-1) === stored + 1);
          const names = namesOf(socket, stream);
          expect(names.indexOf('logs:history')).toBe(0);
          expect(names.lastIndexOf('logs:history')).toBe(0);
          const [entries, about] = socket.all('logs:history')[0] as [Entry[], { lastIndex: number }];
          expect(entries.length).toBeLessThanOrEqual(1_000);
          if (stored > 0) expect(entries.length).toBeGreaterThan(0);
          // What was stored between the acknowledgement and the history may stand in it already.
          expect(about).toEqual({ stream, firstIndex: 1, lastIndex: expect.any(Number) });
          expect([stored, stored + 1]).toContain(about.lastIndex);
        },
      );

      it.each([
        { asked: 'no number', options: {}, from: 2_401 },
        { asked: '0', options: { lines: 0 }, from: 2_501 },
        { asked: '1', options: { lines: 1 }, from: 2_500 },
        { asked: '1,700', options: { lines: 1_700 }, from: 801 },
        { asked: '1,700 in batches', options: { lines: 1_700, batch: true }, from: 801 },
        { asked: '10,000', options: { lines: 10_000 }, from: 1 },
      ])('3.4 asked for $asked of 2,500 lines it starts with index $from', async ({ options, from }) => {
        const stream = uniqueStream();
        await http.feed(stream, lines(2_500));
        await using socket = await open();
        await socket.request('subscribe', { stream, ...options });
        await http.feed(stream, ['line 2501']);
        await eventually(() => indexes(socket, stream).at(-1) === 2_501);
        expect(indexes(socket, stream)).toEqual(range(from, 2_501));
        expect(delivered(socket, stream).map(({ message }) => message)).toEqual(
          range(from, 2_501).map((n) => `line ${n}`),
        );
      });

      it.each([0, 1, 1_234, 2_500])(
        '3.5 a resumed subscription continues at sinceIndex + 1, from %d',
        async (sinceIndex) => {
          const stream = uniqueStream();
          await http.feed(stream, lines(2_500));
          await using socket = await open();
          await socket.request('subscribe', { stream, sinceIndex });
          await http.feed(stream, ['live']);
          await eventually(() => indexes(socket, stream).at(-1) === 2_501);
          expect(indexes(socket, stream)).toEqual(range(sinceIndex + 1, 2_501));
        },
      );

      it('3.6 sinceIndex wins over lines', async () => {
        const stream = uniqueStream();
        await http.feed(stream, lines(50));
        await using socket = await open();
        await socket.request('subscribe', { stream, sinceIndex: 40, lines: 2 });
        await eventually(() => indexes(socket, stream).at(-1) === 50);
        expect(indexes(socket, stream)).toEqual(range(41, 50));
      });

      it.each([
        { batch: false, event: 'log' },
        { batch: true, event: 'logs' },
      ])('3.7 with batch $batch what is stored later comes as `$event`', async ({ batch, event }) => {
        const stream = uniqueStream();
        await using socket = await open();
        await socket.request('subscribe', { stream, batch });
        await eventually(() => socket.all('logs:sources').length === 1);
        await http.feed(stream, lines(30));
        await eventually(() => indexes(socket, stream).at(-1) === 30);
        expect(new Set(namesOf(socket, stream))).toEqual(new Set(['logs:history', 'logs:sources', event]));
        const live = socket.all(event);
        expect(live.every(([given]) => Array.isArray(given) === batch)).toBe(true);
        expect(indexes(socket, stream)).toEqual(range(1, 30));
      });

      it('3.8 indexes increase, none is skipped and none repeated, for readers who come while others write', async () => {
        const stream = uniqueStream();
        await http.feed(stream, lines(1_500));
        const sockets: { socket: RawSocket; since: number; batch: boolean }[] = [];
        try {
          const writing = Promise.all(range(1, 8).map((n) => http.feed(stream, lines(1_500, n * 10_000))));
          for (let n = 0; n < 12; n++) {
            const socket = await open();
            const [since, batch] = [n * 120, n % 2 === 0];
            sockets.push({ socket, since, batch });
            await socket.request('subscribe', { stream, sinceIndex: since, batch });
          }
          await writing;
          for (const { socket } of sockets) await eventually(() => indexes(socket, stream).at(-1) === 13_500);
          for (const { socket, since } of sockets) expect(indexes(socket, stream)).toEqual(range(since + 1, 13_500));
        } finally {
          for (const { socket } of sockets) await socket[Symbol.asyncDispose]();
        }
      }, 60_000);

      it('3.9 what can no longer be had is a logs:gap before the entry behind it', async () => {
        const { stream, last } = await trimmed();
        await using socket = await open();
        const { firstIndex } = await socket.request('subscribe', { stream, sinceIndex: 0, batch: true });
        expect(firstIndex).toBeGreaterThan(1);
        await eventually(() => indexes(socket, stream).at(-1) === last, { timeoutMs: 30_000 });
        const [gap] = socket.all('logs:gap')[0] as [{ from: number; to: number; reason: string }];
        expect(gap).toMatchObject({ stream, from: 1, reason: 'trimmed' });
        expect(gap.to).toBeGreaterThanOrEqual((firstIndex as number) - 1);
        expect(indexes(socket, stream)).toEqual(range(gap.to + 1, last));
        const beforeGap = socket.events.slice(
          0,
          socket.events.findIndex(({ name }) => name === 'logs:gap'),
        );
        expect(
          beforeGap.flatMap(({ args }): unknown[] => (Array.isArray(args[0]) ? (args[0] as unknown[]) : [])),
        ).toEqual([]);
      }, 60_000);

      it.each([
        { status: 'succeeded', exitCode: 0 },
        { status: 'failed', exitCode: 3 },
        { status: 'cancelled' },
        { status: 'lost' },
      ])('3.10 a stream that ends as $status is told so once, after its last entry', async (outcome) => {
        const stream = uniqueStream('job');
        await using socket = await open();
        await socket.request('subscribe', { stream });
        await http.feed(stream, lines(1_200));
        await http.end(stream, outcome);
        await eventually(() => socket.all('logs:end').length === 1);
        expect(socket.all('logs:end')).toEqual([[{ stream, lastIndex: 1_200, ...outcome }]]);
        expect(indexes(socket, stream)).toEqual(range(1, 1_200));
        expect(socket.events.at(-1)?.name).toBe('logs:end');
      });

      it('3.11 logs:sources comes on subscription', async () => {
        const stream = uniqueStream();
        await using socket = await open();
        await socket.request('subscribe', { stream });
        await eventually(() => socket.all('logs:sources').length === 1);
        expect(socket.all('logs:sources')[0]).toEqual([{ stream, sources: [] }]);
      });

      it('3.12 subscribing again replaces the first subscription', async () => {
        const stream = uniqueStream();
        await http.feed(stream, lines(10));
        await using socket = await open();
        await socket.request('subscribe', { stream });
        await eventually(() => indexes(socket, stream).length === 10);
        await socket.request('subscribe', { stream, lines: 4, batch: true });
        await http.feed(stream, lines(5, 11));
        await eventually(() => indexes(socket, stream).at(-1) === 15);
        expect(indexes(socket, stream)).toEqual([...range(1, 10), ...range(7, 15)]);
        expect(socket.all('log')).toEqual([]);
      });

      it('3.12 replaced again and again while entries come, the last subscription has each once and the others nothing more', async () => {
        const stream = uniqueStream();
        await using socket = await open();
        const writing = http.feed(stream, lines(5_000));
        for (let round = 0; round < 20; round++) await socket.request('subscribe', { stream, sinceIndex: round * 10 });
        const last = socket.events.length;
        await writing;
        await eventually(() => indexes(socket, stream, last).at(-1) === 5_000);
        expect(indexes(socket, stream, last)).toEqual(range(191, 5_000));
      });

      it('3.13 after unsubscribe nothing of the stream comes', async () => {
        const [left, kept] = [uniqueStream(), uniqueStream()];
        await using socket = await open();
        expect(await socket.request('unsubscribe', { stream: left })).toEqual({ ok: true });
        for (const stream of [left, kept]) await socket.request('subscribe', { stream });
        const writing = http.feed(left, lines(3_000));
        expect(await socket.request('unsubscribe', { stream: left })).toEqual({ ok: true });
        const had = namesOf(socket, left).length;
        await writing;
        await http.feed(kept, ['after']);
        await eventually(() => indexes(socket, kept).length === 1);
        expect(namesOf(socket, left)).toHaveLength(had);
      });

      it.each<Kind>(['runtime', 'job', 'build', 'bot'])(
        '3.14 a %s stream without entries waits for the first',
        async (kind) => {
          const stream = uniqueStream(kind);
          await using socket = await open();
          expect(await socket.request('subscribe', { stream })).toMatchObject({
            ok: true,
            firstIndex: 1,
            lastIndex: 0,
          });
          await eventually(() => socket.all('logs:history').length === 1);
          expect(socket.all('logs:history')[0]?.[0]).toEqual([]);
          await http.feed(stream, ['first']);
          await eventually(() => indexes(socket, stream).length === 1);
        },
      );

      it.each([{ options: {} }, { options: { lines: 0 } }, { options: { sinceIndex: 1_990, batch: true } }])(
        '3.15 a subscription with $options to an ended stream delivers and ends',
        async ({ options }) => {
          const stream = uniqueStream('job');
          await http.feed(stream, lines(2_000));
          await http.end(stream, { status: 'failed', exitCode: 2 });
          await using socket = await open();
          const answer = await socket.request('subscribe', { stream, ...options });
          expect(answer).toMatchObject({ ok: true, lastIndex: 2_000, ended: { status: 'failed', exitCode: 2 } });
          await eventually(() => socket.all('logs:end').length === 1);
          const from = 'sinceIndex' in options ? 1_991 : 'lines' in options ? 2_001 : 1_901;
          expect(indexes(socket, stream)).toEqual(range(from, 2_000));
        },
      );

      it('3.16 a connection reads several streams, each event names its own', async () => {
        const streams = range(1, 20).map(() => uniqueStream());
        await using socket = await open();
        for (const stream of streams) await socket.request('subscribe', { stream });
        await Promise.all(
          streams.map((stream) =>
            http.feed(
              stream,
              range(1, 100).map((n) => `${stream} ${n}`),
            ),
          ),
        );
        for (const stream of streams) await eventually(() => indexes(socket, stream).at(-1) === 100);
        for (const stream of streams) {
          expect(delivered(socket, stream).map(({ message }) => message)).toEqual(
            range(1, 100).map((n) => `${stream} ${n}`),
          );
          expect(new Set(namesOf(socket, stream))).toEqual(new Set(['logs:history', 'logs:sources', 'log']));
        }
      });

      it('3.17 with a sinceIndex beyond the end nothing comes until the stream is beyond it', async () => {
        const stream = uniqueStream();
        await http.feed(stream, lines(5));
        await using socket = await open();
        expect(await socket.request('subscribe', { stream, sinceIndex: 8 })).toMatchObject({ ok: true, lastIndex: 5 });
        await http.feed(stream, lines(5, 6));
        await eventually(() => indexes(socket, stream).at(-1) === 10);
        expect(indexes(socket, stream)).toEqual([9, 10]);
      });

      it('3.18 a connection that does not read delays no other and gets everything later', async () => {
        const stream = uniqueStream();
        await using slow = await open();
        await using quick = await open();
        for (const socket of [slow, quick]) await socket.request('subscribe', { stream });
        slow.pause();
        const last = await http.feed(
          stream,
          range(1, 14_000).map((n) => `${n} ${'.'.repeat(1_000)}`),
        );
        await eventually(() => indexes(quick, stream).at(-1) === last, { timeoutMs: 20_000, everyMs: 100 });
        expect(indexes(slow, stream).length).toBeLessThan(last);
        slow.resume();
        await eventually(() => indexes(slow, stream).at(-1) === last, { timeoutMs: 20_000, everyMs: 100 });
        expect(indexes(slow, stream)).toEqual(range(1, last));
        expect(indexes(quick, stream)).toEqual(range(1, last));
      }, 60_000);

      it.each([
        { batch: false, event: 'log' },
        { batch: true, event: 'logs' },
      ])('3.19 with a query only what matches comes, in $event', async ({ batch, event }) => {
        const stream = uniqueStream('job');
        await http.feed(stream, lines(25));
        await using socket = await open();
        await socket.request('subscribe', { stream, batch, query: '/ [0-9]*5$/' });
        await http.feed(stream, lines(25, 26));
        await http.end(stream, { status: 'succeeded' });
        await eventually(() => socket.all('logs:end').length === 1);
        expect(indexes(socket, stream)).toEqual([5, 15, 25, 35, 45]);
        expect(socket.all(event).length).toBeGreaterThan(0);
        expect(socket.all('logs:gap')).toEqual([]);
        expect(socket.all('logs:end')[0]?.[0]).toMatchObject({ lastIndex: 50 });
      });

      it('3.20 with a query, lines counts what matches', async () => {
        const stream = uniqueStream();
        await http.feed(stream, lines(2_500));
        await using socket = await open();
        await socket.request('subscribe', { stream, lines: 3, query: '/ [0-9]*50$/' });
        await eventually(() => socket.all('logs:history').length === 1);
        expect(indexes(socket, stream)).toEqual([2_250, 2_350, 2_450]);
      });

      it('3.21 a resumed subscription with a query continues with the next match behind sinceIndex', async () => {
        const stream = uniqueStream();
        await http.feed(stream, lines(2_500));
        await using socket = await open();
        await socket.request('subscribe', { stream, sinceIndex: 2_320, query: '/ [0-9]*50$/' });
        await http.feed(stream, lines(100, 2_501));
        await eventually(() => indexes(socket, stream).at(-1) === 2_550);
        expect(indexes(socket, stream)).toEqual([2_350, 2_450, 2_550]);
      });

      it.each([
        { query: 'a (b', column: 3 },
        { query: 'level:loud', column: 7 },
        { query: 'a OR', column: 5 },
        { query: 'a'.repeat(1024 * 1024), column: 4_097 },
      ])('3.22 a query with a mistake at column $column is refused (%#)', async ({ query, column }) => {
        const stream = uniqueStream();
        await using socket = await open();
        await socket.request('subscribe', { stream });
        const answer = await socket.request('subscribe', { stream, query });
        expect(answer).toMatchObject({
          ok: false,
          error: { code: 'INVALID_ARGUMENT', details: [{ field: 'query', column }] },
        });
        expect(JSON.stringify(answer).length).toBeLessThan(2_000);
        await http.feed(stream, ['live']);
        await eventually(() => indexes(socket, stream).length === 1);
      });

      it.each([{ options: {} }, { options: { sinceIndex: 7 } }])(
        '3.23 without a match, the empty history of $options says how far it was looked for',
        async ({ options }) => {
          const stream = uniqueStream();
          await http.feed(stream, lines(2_500));
          await using socket = await open();
          await socket.request('subscribe', { stream, query: 'nowhere', ...options });
          await eventually(() => socket.all('logs:history').length === 1);
          expect(socket.all('logs:history')[0]).toEqual([[], { stream, firstIndex: 1, lastIndex: 2_500 }]);
        },
      );
    });

    describe('history', () => {
      const stream = uniqueStream();
      const history = async (request: object) => {
        await using socket = await open();
        return await socket.request('history', { stream, ...request });
      };
      const found = (answer: Record<string, unknown>) => (answer['entries'] as Entry[]).map(({ index }) => index);

      beforeAll(async () => {
        await http.feed(stream, lines(2_500));
      });

      it.each([
        { request: {}, from: 1_501, to: 2_500 },
        { request: { limit: 1 }, from: 2_500, to: 2_500 },
        { request: { limit: 10_000 }, from: 1, to: 2_500 },
      ])('4.1 $request gives the newest, $from to $to', async ({ request, from, to }) => {
        const answer = await history(request);
        expect(answer).toMatchObject({ ok: true, firstIndex: 1, lastIndex: 2_500, gaps: [] });
        expect(found(answer)).toEqual(range(from, to));
      });

      it.each([
        { request: { before: 2_001, limit: 10 }, from: 1_991, to: 2_000 },
        { request: { before: 5, limit: 10 }, from: 1, to: 4 },
        { request: { before: 1 }, from: 1, to: 0 },
        { request: { before: 0 }, from: 1, to: 0 },
        { request: { before: 1_000_000, limit: 2 }, from: 2_499, to: 2_500 },
      ])('4.2 $request gives $from to $to', async ({ request, from, to }) => {
        expect(found(await history(request))).toEqual(range(from, to));
      });

      it.each([
        { request: { after: 0, limit: 10 }, from: 1, to: 10 },
        { request: { after: 999 }, from: 1_000, to: 1_999 },
        { request: { after: 2_495, limit: 100 }, from: 2_496, to: 2_500 },
        { request: { after: 2_500 }, from: 1, to: 0 },
        { request: { after: 9_999_999 }, from: 1, to: 0 },
      ])('4.3 $request gives $from to $to', async ({ request, from, to }) => {
        expect(found(await history(request))).toEqual(range(from, to));
      });

      it('4.4 before and after together are INVALID_ARGUMENT', async () => {
        expect(await history({ before: 5, after: 1 })).toMatchObject({
          ok: false,
          error: { code: 'INVALID_ARGUMENT' },
        });
      });

      it('4.5 what can no longer be had stands in gaps', async () => {
        const { stream } = await trimmed();
        const answer = await history({ stream, after: 0, limit: 1 });
        const [first] = found(answer);
        expect(answer['gaps']).toEqual([{ from: 1, to: (first ?? 0) - 1, reason: 'trimmed' }]);
      }, 60_000);

      it('4.6 walking backwards meets every entry once', async () => {
        await using socket = await open();
        const met: number[] = [];
        for (let before = 2_501; before > 1; before = met[0] ?? 0)
          met.unshift(...found(await socket.request('history', { stream, before, limit: 333 })));
        expect(met).toEqual(range(1, 2_500));
      });
    });

    describe('entries', () => {
      it('5.1 an entry has what its source gave, in UTC, and nothing that is null', async () => {
        const stream = uniqueStream();
        const message = 'ünïcödé \u{1F600} \u001b[31mred\u001b[0m </script> \u2028 \u0000';
        const given = {
          id: 'a',
          timestamp: '2026-11-21T00:16:57.856942694+01:00',
          message,
          level: 'WARN',
          stream: 'stderr',
          podName: 'p',
          container: 'c',
          restart: 2,
          context: { user: { id: 42 }, none: [] },
        };
        await http.post(`/api/streams/${stream}/entries`, {
          entries: [given, { id: 'b', timestamp: '2026-11-20T23:16:58Z', message: '' }],
        });
        await using socket = await open();
        await socket.request('subscribe', { stream });
        await eventually(() => indexes(socket, stream).length === 2);
        expect(delivered(socket, stream)).toEqual([
          { ...given, index: 1, timestamp: '2026-11-20T23:16:57.856942694Z' },
          { index: 2, id: 'b', timestamp: '2026-11-20T23:16:58Z', message: '' },
        ]);
      });

      it('5.2 an entry is the same under its index on every way', async () => {
        const stream = uniqueStream();
        await using single = await open();
        await using batched = await open();
        await single.request('subscribe', { stream });
        await batched.request('subscribe', { stream, batch: true });
        await http.feed(
          stream,
          range(1, 40).map((n) => `{"n":${n},"text":"\\u0000 \\" \u{1F600}"}`),
        );
        await using later = await open();
        await later.request('subscribe', { stream });
        for (const socket of [single, batched, later]) await eventually(() => indexes(socket, stream).length === 40);
        const { entries } = (await later.request('history', { stream })) as { entries?: Entry[] };
        const page = await reader.get<{ entries: Entry[] }>(`/api/streams/${encodeURIComponent(stream)}/logs?after=0`);
        for (const way of [delivered(batched, stream), delivered(later, stream), entries, page.entries])
          expect(way).toEqual(delivered(single, stream));
      });

      it('5.3 a message of more than 256 KiB is cut and says by how much', async () => {
        const stream = uniqueStream();
        await http.feed(stream, ['x'.repeat(300_000)]);
        await using socket = await open();
        await socket.request('subscribe', { stream });
        await eventually(() => indexes(socket, stream).length === 1);
        const [entry] = delivered(socket, stream);
        expect(entry).toMatchObject({ truncated: 300_000 - 256 * 1_024 });
        expect(entry?.message).toHaveLength(256 * 1_024);
      });
    });
  });
}

const forbidden = { ok: false, error: { code: 'FORBIDDEN', message: 'Unauthorized' } };

const now = () => Math.floor(Date.now() / 1_000);

/** The same claims with the algorithm `none`. */
function unsigned(token: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
  return `${header}.${token.split('.')[1]}.`;
}

/** A stream that got more than the server keeps of one. */
async function trimmedStream(http: RawHttp, hotBytes: number): Promise<{ stream: string; last: number }> {
  const stream = uniqueStream();
  const lineBytes = 100_000;
  const last = await http.feed(
    stream,
    Array.from({ length: Math.ceil((hotBytes * 1.1) / lineBytes) }, () => '.'.repeat(lineBytes)),
  );
  return { stream, last };
}
