import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, it } from '@jest/globals';
import { eventually } from '@kubidu/testing';

import type { EventStreamItem } from './event-stream.ts';
import { HttpApi } from './http-api.ts';

const log = (index: number, message = `line ${index}`) =>
  `id: ${index}\nevent: log\ndata: ${JSON.stringify({ index, timestamp: '2026-11-20T23:16:57Z', message })}\n\n`;
const gap = (from: number, to: number) =>
  `id: ${to}\nevent: gap\ndata: ${JSON.stringify({ from, to, reason: 'expired' })}\n\n`;
const end = (lastIndex: number) =>
  `id: ${lastIndex + 1}\nevent: end\ndata: ${JSON.stringify({ lastIndex, status: 'succeeded' })}\n\n`;
const error = (code: string) => `event: error\ndata: ${JSON.stringify({ code, message: 'it said' })}\n\n`;

/** What a server does with one request: the bytes it sends, and how it stops. */
interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly pieces?: readonly (string | Uint8Array)[];
  /** Default `end`. */
  readonly then?: 'end' | 'cut' | 'stay';
}

/** A server that answers one request after another as told, and stays at the last. Tells what it was asked. */
async function answering(...answers: readonly Answer[]) {
  const asked: { url: string; lastEventId: string | undefined; token: string | undefined; closed: boolean }[] = [];
  const listener: RequestListener = (request, response) => {
    const { headers: given, url = '' } = request;
    const { status = 200, headers, pieces = [], then = 'end' } = answers[asked.length] ?? { then: 'stay' as const };
    const id = given['last-event-id'];
    const one = { url, lastEventId: id as string | undefined, token: given.authorization, closed: false };
    asked.push(one);
    response.on('close', () => (one.closed = true));
    response.writeHead(status, { 'content-type': 'text/event-stream; charset=utf-8', ...headers });
    response.flushHeaders();
    const send = async () => {
      // Each piece by itself: how bytes are parted is nobody's business.
      for (const piece of pieces) await new Promise((sent) => response.write(piece, sent));
      if (then === 'end') response.end();
      else if (then === 'cut') response.destroy();
    };
    send().catch(() => response.destroy());
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Everything a stream gives, entries as their indexes; until so many items where it does not end. */
async function read(stream: AsyncIterable<EventStreamItem>, most = Infinity): Promise<unknown[]> {
  const told: unknown[] = [];
  for await (const item of stream) {
    if (item.type === 'entries') told.push(...item.entries.map(({ index }) => index));
    else if (item.type === 'reconnecting') told.push(`${item.attempt}: ${item.error.code}`);
    else told.push(item);
    if (told.length >= most) break;
  }
  return told;
}

describe('a stream of events', () => {
  it('gives entries, gaps and the end, in order', async () => {
    await using server = await answering({
      pieces: ['retry: 2000\n\n', log(1) + log(2), ': still here\n\n', gap(3, 5) + log(6), end(6)],
    });
    const stream = new HttpApi({ url: server.url }).eventStream('job:a', { lines: 5, query: 'a b' });
    expect(await read(stream)).toEqual([
      ...[1, 2, { type: 'gap', from: 3, to: 5, reason: 'expired' }, 6],
      { type: 'end', lastIndex: 6, status: 'succeeded' },
    ]);
    expect(server.asked).toMatchObject([
      { url: '/api/streams/job%3Aa/logs/stream?lines=5&query=a+b', lastEventId: undefined },
    ]);
  });

  it.each(['\n', '\r\n'])('reads what is parted anywhere, with lines that end in %j', async (feed) => {
    const text = `${log(1, 'é漢😀')}id: 1\nevent: note\ndata: of another kind\n\n${end(1)}`.replaceAll('\n', feed);
    const pieces = [...Buffer.from(text)].map((byte) => Uint8Array.of(byte));
    await using server = await answering({ pieces });
    const items: EventStreamItem[] = [];
    for await (const item of new HttpApi({ url: server.url }).eventStream('job:a')) items.push(item);
    expect(items).toMatchObject([{ type: 'entries', entries: [{ index: 1, message: 'é漢😀' }] }, { type: 'end' }]);
  });

  it('goes on behind the last whole event when it is cut, and tells of it', async () => {
    await using server = await answering(
      { pieces: [log(1), `${log(2)}id: 3\nevent: log\ndata: {"index":3`], then: 'cut' },
      { pieces: [gap(3, 4)], then: 'end' },
      { status: 503, headers: { 'content-type': 'application/json' }, pieces: ['{"error":{"code":"UNAVAILABLE"}}'] },
      { pieces: [log(5), end(5)] },
    );
    const told = await read(new HttpApi({ url: server.url }).eventStream('job:a', { sinceIndex: 0 }));
    expect(told).toEqual([
      ...[1, 2, '1: UNREACHABLE', { type: 'gap', from: 3, to: 4, reason: 'expired' }],
      ...['1: UNREACHABLE', '2: UNAVAILABLE', 5, { type: 'end', lastIndex: 5, status: 'succeeded' }],
    ]);
    expect(server.asked.map(({ lastEventId }) => lastEventId)).toEqual([undefined, '2', '4', '4']);
  });

  it('goes on from a place that came without an entry', async () => {
    await using server = await answering({ pieces: ['id: 41\n\n'] }, { pieces: [log(42), end(42)] });
    const told = await read(new HttpApi({ url: server.url }).eventStream('job:a', { lines: 0 }));
    expect(told.slice(0, 2)).toEqual(['1: UNREACHABLE', 42]);
    expect(server.asked[1]?.lastEventId).toBe('41');
  });

  it('begins as it was asked to where it is cut before anything came', async () => {
    await using server = await answering({ then: 'cut' }, { pieces: [log(7), end(7)] });
    await read(new HttpApi({ url: server.url }).eventStream('job:a', { lines: 1 }));
    expect(server.asked.map(({ url, lastEventId }) => [url.split('?')[1], lastEventId])).toEqual([
      ['lines=1', undefined],
      ['lines=1', undefined],
    ]);
  });

  it('is over where the server has nothing more to say', async () => {
    await using server = await answering({ pieces: [log(1)] }, { status: 204 });
    expect(await read(new HttpApi({ url: server.url }).eventStream('job:a'))).toEqual([1, '1: UNREACHABLE']);
  });

  it('connects again when the server says nothing for the time-out', async () => {
    await using server = await answering({ pieces: [log(1)], then: 'stay' }, { pieces: [end(1)] });
    const told = await read(new HttpApi({ url: server.url, timeoutMs: 300 }).eventStream('job:a'));
    expect(told.slice(0, 2)).toEqual([1, '1: UNREACHABLE']);
    expect(server.asked[1]?.lastEventId).toBe('1');
  });

  it.each([
    { status: 404, code: 'NOT_FOUND' },
    { status: 401, code: 'UNAUTHENTICATED' },
    { status: 400, code: 'INVALID_ARGUMENT' },
  ])('throws $code at once, and comes no more', async ({ status, code }) => {
    const body = JSON.stringify({ error: { code, message: 'it said' } });
    await using server = await answering({ status, headers: { 'content-type': 'application/json' }, pieces: [body] });
    await expect(read(new HttpApi({ url: server.url }).eventStream('job:a'))).rejects.toMatchObject({ code });
    expect(server.asked).toHaveLength(1);
  });

  it('throws what ends it in the middle, once what came before is given', async () => {
    await using server = await answering({ pieces: [log(1) + error('NOT_FOUND')] });
    const given: unknown[] = [];
    const reading = (async () => {
      for await (const item of new HttpApi({ url: server.url }).eventStream('job:a')) given.push(item.type);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'it said' });
    expect([given, server.asked.length]).toEqual([['entries'], 1]);
  });

  it('goes on with a fresh token when its own expires', async () => {
    const refused = JSON.stringify({ error: { code: 'UNAUTHENTICATED', message: 'Unauthorized' } });
    await using server = await answering(
      { pieces: [log(1) + error('UNAUTHENTICATED')] },
      { pieces: [log(2) + error('UNAUTHENTICATED')] },
      { status: 401, headers: { 'content-type': 'application/json' }, pieces: [refused] },
    );
    const tokens = ['first', 'second', 'stale'];
    const api = new HttpApi({ url: server.url, token: () => tokens[server.asked.length] });
    const given: unknown[] = [];
    const reading = (async () => {
      for await (const item of api.eventStream('job:a')) given.push(item.type);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(given).toEqual(['entries', 'reconnecting', 'entries', 'reconnecting']);
    expect(server.asked.map(({ token, lastEventId }) => [token, lastEventId])).toEqual([
      ['Bearer first', undefined],
      ['Bearer second', '1'],
      ['Bearer stale', '2'],
    ]);
  });

  it.each([
    { what: 'a page of some other server', headers: { 'content-type': 'text/html' }, pieces: ['<html>'] },
    { what: 'an event that is no JSON', headers: {}, pieces: ['id: 1\nevent: log\ndata: {\n\n'] },
  ])('takes $what for what it is', async ({ headers, pieces }) => {
    await using server = await answering({ headers, pieces, then: 'stay' });
    const reading = read(new HttpApi({ url: server.url }).eventStream('job:a'));
    await expect(reading).rejects.toMatchObject({ code: 'NOT_KUBIDU' });
    await eventually(() => expect(server.asked[0]?.closed).toBe(true));
  });

  it('lets go of the connection when its reader leaves', async () => {
    await using server = await answering({ pieces: [log(1)], then: 'stay' });
    expect(await read(new HttpApi({ url: server.url }).eventStream('job:a'), 1)).toEqual([1]);
    await eventually(() => expect(server.asked[0]?.closed).toBe(true));
  });

  it('ends with the reason of its signal, while it reads and while it waits to come again', async () => {
    await using server = await answering({ pieces: [log(1)], then: 'stay' });
    const stop = new AbortController();
    const reading = read(new HttpApi({ url: server.url }).eventStream('job:a', {}, stop.signal));
    reading.catch(() => undefined); // judged below
    await eventually(() => server.asked.length === 1);
    stop.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    await using away = await answering(...Array<Answer>(100).fill({ then: 'cut' }));
    const later = new AbortController();
    const waiting = (async () => {
      for await (const item of new HttpApi({ url: away.url }).eventStream('job:a', {}, later.signal))
        if (item.type === 'reconnecting' && item.attempt === 2) later.abort(new Error('enough of it'));
    })();
    await expect(waiting).rejects.toThrow('enough of it');
  });

  it('waits for a reader who is slow, however long', async () => {
    await using server = await answering({ pieces: [log(1), log(2), end(2)] });
    const given: number[] = [];
    for await (const item of new HttpApi({ url: server.url, timeoutMs: 100 }).eventStream('job:a')) {
      if (item.type === 'reconnecting') throw item.error;
      if (item.type === 'entries') given.push(...item.entries.map(({ index }) => index));
      // Longer than the time-out: what counts is the server's silence.
      const began = performance.now();
      await eventually(() => performance.now() - began > 250);
    }
    expect(given).toEqual([1, 2]);
  });
});
