import { describe, expect, it } from '@jest/globals';
import { MemoryLogStore } from '@kubidu/core';
import { RawEvents, eventually } from '@kubidu/testing';

import { ApiFixture, SECRET, entriesFrom, tokenOf } from '../../testing/api-fixture.ts';
import { SeedJobLogs } from '../../testing/seed-job-logs.ts';

const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);

async function feed(api: ApiFixture, stream: string, first: number, count: number): Promise<void> {
  for (let at = first; at < first + count; at += 1_000) {
    const entries = entriesFrom(at, Math.min(1_000, first + count - at));
    expect((await api.post(`/api/streams/${stream}/entries`, { entries })).status).toBe(200);
  }
}

const end = (api: ApiFixture, stream: string, outcome: object) => api.post(`/api/streams/${stream}/end`, outcome);
const pathOf = (stream: string, query = '') => `/api/streams/${encodeURIComponent(stream)}/logs/stream${query}`;

describe('a stream as Server-Sent Events', () => {
  it('begins with the newest lines, goes on live, tells the end, and closes', async () => {
    await using api = await ApiFixture.start();
    await feed(api, 'job:a', 1, 150);
    await using events = await RawEvents.open(api.url + pathOf('job:a'));
    expect(events.status).toBe(200);
    expect(events.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    await feed(api, 'job:a', 151, 20);
    await end(api, 'job:a', { status: 'failed', exitCode: 3 });
    await eventually(() => expect(events.ended).toBe('whole'));
    expect(events.retry).toBe(2_000);
    expect(events.indexes).toEqual(range(51, 170));
    expect(events.events.at(0)).toMatchObject({ event: 'log', id: '51', data: { index: 51, message: 'line 51' } });
    expect(events.events.at(-1)).toEqual({
      ...{ event: 'end', id: '171' },
      data: { lastIndex: 170, status: 'failed', exitCode: 3 },
    });
  });

  it.each([
    { asked: { lastEventId: '7' }, query: '?sinceIndex=3', from: 8 },
    { asked: {}, query: '?sinceIndex=3&lines=1', from: 4 },
    { asked: {}, query: '?lines=2', from: 2_499 },
    { asked: {}, query: '?sinceIndex=0', from: 1 },
    { asked: { lastEventId: '' }, query: '?lines=10000', from: 1 },
  ])('continues behind Last-Event-ID, else sinceIndex, else begins with lines: $query $asked', async (row) => {
    await using api = await ApiFixture.start();
    await feed(api, 'runtime:web', 1, 2_500);
    await using events = await RawEvents.open(api.url + pathOf('runtime:web', row.query), row.asked);
    await feed(api, 'runtime:web', 2_501, 5);
    await eventually(() => expect(events.indexes).toEqual(range(row.from, 2_505)));
  });

  it('gives a reader who has had nothing yet an id to resume from', async () => {
    await using api = await ApiFixture.start();
    await feed(api, 'runtime:web', 1, 5);
    await using events = await RawEvents.open(api.url + pathOf('runtime:web', '?lines=0'));
    await eventually(() => expect(events.id).toBe('5'));
    expect(events.events).toEqual([]);
  });

  it('resumes an ended stream with what is missing, and answers 204 once its end was told', async () => {
    await using api = await ApiFixture.start();
    await feed(api, 'job:a', 1, 10);
    await end(api, 'job:a', { status: 'succeeded' });
    for (const { lastEventId, names } of [
      { lastEventId: '8', names: ['log', 'log', 'end'] },
      { lastEventId: '10', names: ['end'] },
    ]) {
      await using events = await RawEvents.open(api.url + pathOf('job:a'), { lastEventId });
      await eventually(() => expect(events.ended).toBe('whole'));
      expect([events.status, events.events.map(({ event }) => event)]).toEqual([200, names]);
      expect(events.id).toBe('11');
    }
    await using done = await RawEvents.open(api.url + pathOf('job:a'), { lastEventId: '11' });
    expect(done.status).toBe(204);
  });

  it('tells what can no longer be had, with the id behind it', async () => {
    const store = new MemoryLogStore();
    await using api = await ApiFixture.start({}, { store });
    await feed(api, 'runtime:web', 1, 1_000);
    await feed(api, 'runtime:web', 1_001, 10);
    await store.trim('runtime:web', { through: 1_000 });
    await using events = await RawEvents.open(api.url + pathOf('runtime:web', '?sinceIndex=3'));
    await eventually(() => expect(events.indexes).toEqual(range(1_001, 1_010)));
    const data = { from: 4, to: 1_000, reason: 'trimmed' };
    expect(events.events[0]).toEqual({ event: 'gap', id: '1000', data });
  });

  it('delivers only what matches a query, and moves the id over what does not', async () => {
    await using api = await ApiFixture.start();
    await feed(api, 'runtime:web', 1, 50);
    await using events = await RawEvents.open(api.url + pathOf('runtime:web', '?query=%2F5%24%2F'));
    await eventually(() => expect(events.indexes).toEqual([5, 15, 25, 35, 45]));
    expect(events.id).toBe('50');
    await feed(api, 'runtime:web', 51, 5);
    await eventually(() => expect(events.indexes.at(-1)).toBe(55));
  });

  it.each([
    { path: pathOf('runtime:web', '?lines=x'), field: 'lines' },
    { path: pathOf('runtime:web', '?lines=10001'), field: 'lines' },
    { path: pathOf('runtime:web', '?sinceIndex=-1'), field: 'sinceIndex' },
    { path: pathOf('runtime:web', '?query=a%20(b'), field: 'query' },
    { path: pathOf('runtime:web', '?query=a&query=b'), field: 'query' },
    { path: pathOf('nope:web'), field: 'stream' },
    { path: '/api/services/a%2Fb/logs/stream', field: 'id' },
    { path: '/api/jobs/-/logs/stream', field: 'id' },
  ])('refuses $path', async ({ path, field }) => {
    await using api = await ApiFixture.start();
    const { status, body } = await api.get(path);
    expect([status, body.error?.code, body.error?.details?.[0]?.field]).toEqual([400, 'INVALID_ARGUMENT', field]);
  });

  it('refuses a Last-Event-ID that is no index', async () => {
    await using api = await ApiFixture.start();
    const { status, body } = await api.ask('GET', pathOf('runtime:web'), { headers: { 'last-event-id': '1; x' } });
    expect([status, body.error?.details?.[0]?.field]).toEqual([400, 'Last-Event-ID']);
  });

  it.each(['/api/services/a', '/api/deployments/a', '/api/bots/a', '/api/jobs/a', '/api/streams/runtime:a'])(
    '%s/logs/stream is 401 without a token and 404 where one may not read',
    async (path) => {
      await using api = await ApiFixture.start({ KUBIDU_JWT_SECRET: SECRET });
      const token = await tokenOf({ streams: ['runtime:other'] });
      expect((await api.get(`${path}/logs/stream`)).status).toBe(401);
      const { status, body } = await api.get(`${path}/logs/stream`, token);
      expect([status, body.error?.code]).toEqual([404, 'NOT_FOUND']);
    },
  );

  it.each([
    { path: '/api/services/a', stream: 'runtime:a' },
    { path: '/api/deployments/a', stream: 'build:a' },
    { path: '/api/bots/a', stream: 'bot:a' },
  ])('$path/logs/stream is that of $stream', async ({ path, stream }) => {
    await using api = await ApiFixture.start();
    await using events = await RawEvents.open(`${api.url}${path}/logs/stream`);
    await feed(api, stream, 1, 3);
    await eventually(() => expect(events.indexes).toEqual([1, 2, 3]));
  });

  it('ends with its token, and says so', async () => {
    await using api = await ApiFixture.start({ KUBIDU_JWT_SECRET: SECRET });
    const token = await tokenOf({ admin: true }, { exp: 2 });
    await using events = await RawEvents.open(api.url + pathOf('runtime:web'), { token });
    await eventually(() => expect(events.ended).toBe('whole'));
    expect(events.all('error')).toEqual([expect.objectContaining({ code: 'UNAUTHENTICATED' })]);
    expect((await api.get(pathOf('runtime:web'), token)).status).toBe(401);
  });

  it('counts its readers, and gives back what one held who goes away', async () => {
    await using api = await ApiFixture.start();
    const subscribers = async () => {
      const { body } = await api.get('/metrics');
      return /^kubidu_logs_subscribers\{kind="runtime"\} (\d+)$/m.exec(String(body['text']))?.[1];
    };
    {
      await using events = await RawEvents.open(api.url + pathOf('runtime:web'));
      await feed(api, 'runtime:web', 1, 3);
      await eventually(() => expect(events.indexes).toHaveLength(3));
      expect(await subscribers()).toBe('1');
      expect(String((await api.get('/metrics')).body['text'])).toContain('kubidu_logs_delivered_lines_total 3');
    }
    await eventually(async () => expect(await subscribers()).toBe('0'));
  });

  it('ends every response when the server does, also one whose client does not read', async () => {
    const api = await ApiFixture.start();
    await using reading = await RawEvents.open(api.url + pathOf('runtime:web'));
    await using stalled = await RawEvents.open(api.url + pathOf('runtime:web'));
    stalled.pause();
    for (let at = 0; at < 12; at++) {
      const entries = entriesFrom(at * 4 + 1, 4).map((entry) => ({ ...entry, message: 'x'.repeat(240_000) }));
      await api.post('/api/streams/runtime:web/entries', { entries });
    }
    await eventually(() => expect(reading.indexes).toEqual(range(1, 48)));
    await api[Symbol.asyncDispose]();
    await eventually(() => expect(reading.ended).toBe('whole'));
    expect(reading.all('end')).toEqual([]);
  });

  it('delays nobody for a reader who stops reading, who gets everything later', async () => {
    await using api = await ApiFixture.start();
    await using slow = await RawEvents.open(api.url + pathOf('runtime:web'));
    await using quick = await RawEvents.open(api.url + pathOf('runtime:web'));
    slow.pause();
    const text = '.'.repeat(4_000);
    for (let at = 0; at < 40; at++) {
      const entries = entriesFrom(at * 200 + 1, 200).map((entry) => ({ ...entry, message: text }));
      await api.post('/api/streams/runtime:web/entries', { entries });
    }
    await eventually(() => expect(quick.indexes.at(-1)).toBe(8_000));
    expect(slow.indexes.length).toBeLessThan(8_000);
    slow.resume();
    await eventually(() => expect(slow.indexes.at(-1)).toBe(8_000));
    expect([slow.indexes, quick.indexes]).toEqual([range(1, 8_000), range(1, 8_000)]);
  });

  it('answers HEAD without a stream', async () => {
    await using api = await ApiFixture.start();
    const { status, headers } = await api.ask('HEAD', pathOf('runtime:web'));
    expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  });
});

describe('a job as its older readers parse it', () => {
  it('is every line from the first on, then complete, in lines that begin with `data: `', async () => {
    await using api = await ApiFixture.start();
    await feed(api, 'job:j-1', 1, 1_500);
    const seed = new SeedJobLogs(api.url);
    const reading = seed.streamLogs('j-1');
    await eventually(() => expect(seed.logs).toHaveLength(1_500));
    const entry = { id: 'last', timestamp: '2026-11-20T23:16:57.856Z', message: 'ERROR no disk', level: 'ERROR' };
    await api.post('/api/streams/job:j-1/entries', { entries: [entry] });
    await end(api, 'job:j-1', { status: 'failed', exitCode: 3 });
    await reading;
    expect(seed.logs.map(({ index }) => index)).toEqual(range(1, 1_501));
    expect(seed.logs[0]).toEqual({ timestamp: 1_795_216_617.856, level: 'info', message: 'line 1', index: 1 });
    expect(seed.logs.at(-1)).toMatchObject({ level: 'error', message: 'ERROR no disk' });
    expect([seed.completed, seed.errors, seed.unparsed]).toEqual([1, [], []]);
    await using raw = await RawEvents.open(`${api.url}/api/jobs/j-1/logs/stream`);
    await eventually(() => expect(raw.ended).toBe('whole'));
    expect(raw.lines.filter((line) => line !== '' && !line.startsWith('data: '))).toEqual([]);
    const types = raw.all('message').map(({ type }) => type);
    expect([types[0], new Set(types.slice(1, -1)), types.at(-1)]).toEqual(['connected', new Set(['log']), 'complete']);
    expect(raw.all('message').at(-1)).toEqual({
      ...{ type: 'complete', timestamp: expect.any(Number), level: 'error', message: 'failed with exit code 3' },
      ...{ index: 1_501, status: 'failed', exitCode: 3 },
    });
  });

  it('continues behind sinceIndex, and says as a line what can no longer be had', async () => {
    const store = new MemoryLogStore();
    await using api = await ApiFixture.start({}, { store });
    await feed(api, 'job:j-1', 1, 1_000);
    await feed(api, 'job:j-1', 1_001, 3);
    await store.trim('job:j-1', { through: 1_000 });
    await using raw = await RawEvents.open(`${api.url}/api/jobs/j-1/logs/stream?sinceIndex=10`);
    await eventually(() =>
      expect(raw.all('message').map(({ index }) => index)).toEqual([undefined, 1_000, 1_001, 1_002, 1_003]),
    );
    expect(raw.all('message')[1]).toMatchObject({
      type: 'log',
      level: 'warn',
      message: '--- 990 lines trimmed (indexes 11–1000) ---',
    });
  });
});
