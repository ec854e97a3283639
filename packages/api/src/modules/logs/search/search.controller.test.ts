import { once } from 'node:events';
import { connect } from 'node:net';

import { describe, expect, it } from '@jest/globals';
import { LIMITS } from '@kubidu/contracts';
import type { SearchLine, StreamId } from '@kubidu/contracts';
import { Batch, encodeEntry, LogsError, MemoryLogStore, MemoryServiceOwners } from '@kubidu/core';
import type { LogStore } from '@kubidu/core';
import { eventually, seededRandom } from '@kubidu/testing';

import { ApiFixture, SECRET, tokenOf } from '../../../testing/api-fixture.ts';

const STREAM: StreamId = 'runtime:web';

async function storing(messages: readonly string[], store: LogStore = new MemoryLogStore()): Promise<LogStore> {
  for (let from = 0; from < messages.length; from += 10) {
    const lines = messages
      .slice(from, from + 10)
      .map((message, at) =>
        encodeEntry({ timestamp: new Date(Date.UTC(2026, 10, 20) + (from + at + 1) * 1_000).toISOString(), message }),
      );
    await store.append(STREAM, lines);
  }
  return store;
}

const numbered = (count: number) => Array.from({ length: count }, (_, at) => (at % 3 === 0 ? 'a match' : 'another'));

/** Every line of a search. */
async function searched(api: ApiFixture, options: Record<string, string | number>): Promise<SearchLine[]> {
  const asked = new URLSearchParams(
    Object.entries(options).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const response = await fetch(`${api.url}/api/streams/${STREAM}/logs/search?${asked.toString()}`);
  const lines = (await response.text()).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as SearchLine);
}

const indexes = (lines: readonly SearchLine[]) =>
  lines.flatMap((line) => (line.type === 'match' ? [line.entry.index] : []));

/** A store of which some methods are a test's. */
function replaced(store: LogStore, own: Partial<LogStore>): LogStore {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(own, name) ?? Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

describe('a search over HTTP', () => {
  it.each([
    { options: { query: 'match' }, found: [10, 7, 4, 1], reason: 'beginning', scannedTo: 1 },
    { options: { query: 'match', limit: 2 }, found: [10, 7], reason: 'limit', scannedTo: 7 },
    { options: { query: 'match', before: 7 }, found: [4, 1], reason: 'beginning', scannedTo: 1 },
    { options: { query: 'match', before: 0 }, found: [], reason: 'beginning', scannedTo: 0 },
    { options: { query: 'neither' }, found: [], reason: 'beginning', scannedTo: 1 },
    {
      options: { query: 'match', since: '2026-11-20T00:00:04Z' },
      found: [10, 7, 4],
      reason: 'beginning',
      scannedTo: 1,
    },
    { options: { until: '2026-11-20T00:00:04Z' }, found: [3, 2, 1], reason: 'beginning', scannedTo: 1 },
  ])('finds $found for $options, and says $reason', async ({ options, found, reason, scannedTo }) => {
    await using api = await ApiFixture.start({}, { store: await storing(numbered(12)) });
    const lines = await searched(api, options);
    expect(indexes(lines)).toEqual(found);
    expect(lines.at(-1)).toEqual({ type: 'done', reason });
    expect(lines.at(-2)).toMatchObject({ type: 'progress', scannedTo, matches: found.length });
  });

  it('meets every match once, in whichever steps one goes', async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = seededRandom(seed);
    const messages = Array.from({ length: 5_000 }, () => (random() < 0.1 ? 'a match' : 'another'));
    await using api = await ApiFixture.start({}, { store: await storing(messages) });
    const met: number[] = [];
    for (let before = Number.MAX_SAFE_INTEGER; before !== 1;) {
      const lines = await searched(api, { query: 'match', before, limit: 1 + Math.floor(random() * 200) });
      met.push(...indexes(lines));
      const progress = lines.findLast((line) => line.type === 'progress');
      before = progress?.scannedTo ?? 1;
    }
    const expected = messages.flatMap((message, at) => (message === 'a match' ? [at + 1] : []));
    expect({ seed, met }).toEqual({ seed, met: expected.reverse() });
  });

  it('answers by kind too, as NDJSON', async () => {
    await using api = await ApiFixture.start({}, { store: await storing(numbered(3)) });
    const response = await fetch(`${api.url}/api/services/web/logs/search?query=match`);
    expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    const lines = (await response.text()).trimEnd().split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ type: 'match', entry: { index: 1, message: 'a match' } });
  });

  it('tells of what it searched what can no longer be had', async () => {
    const store = await storing(numbered(30));
    await store.trim(STREAM, { through: 20 });
    await using api = await ApiFixture.start({}, { store });
    const lines = await searched(api, { query: 'match' });
    expect(lines.at(-1)).toEqual({
      ...{ type: 'done', reason: 'beginning' },
      gaps: [{ from: 1, to: 20, reason: 'trimmed' }],
    });
  });

  it.each([
    ['', 'query'],
    ['?query=', 'query'],
    ['?query=(a', 'query'],
    [`?query=${encodeURIComponent('/(a+/')}`, 'query'],
    [
      `?query=${encodeURIComponent(Array.from({ length: 10_000 }, (_, at) => `a${at}`).join(' OR ')).slice(0, 12_000)}`,
      'query',
    ],
    ['?query=a&limit=10001', 'limit'],
    ['?query=a&since=yesterday', 'since'],
  ])('refuses %.40s', async (query, field) => {
    await using api = await ApiFixture.start({}, { store: await storing(numbered(3)) });
    const { status, body } = await api.get(`/api/streams/${STREAM}/logs/search${query}`);
    expect([status, body.error?.code, body.error?.details?.[0]?.field]).toEqual([400, 'INVALID_ARGUMENT', field]);
  });

  it('answers a pattern that makes others backtrack in linear time', async () => {
    await using api = await ApiFixture.start(
      {},
      { store: await storing(Array<string>(200).fill('a'.repeat(5_000) + 'b')) },
    );
    const began = performance.now();
    const lines = await searched(api, { query: '/(a+)+$/' });
    expect(lines.at(-1)?.type).toBe('done');
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('shows nobody a stream that is not theirs, nor that it exists', async () => {
    await using api = await ApiFixture.start({ KUBIDU_JWT_SECRET: SECRET }, { store: await storing(numbered(3)) });
    const token = await tokenOf({ streams: ['runtime:other'] });
    const asked = (stream: string) =>
      fetch(`${api.url}/api/streams/${stream}/logs/search?query=match`, {
        headers: { authorization: `Bearer ${token}` },
      });
    const theirs = await asked(STREAM);
    expect([theirs.status, await theirs.json()]).toMatchObject([404, { error: { code: 'NOT_FOUND' } }]);
    expect((await asked('runtime:other')).status).toBe(404);
  });

  it('shows a service to its tenant, and to another one as little as what there is not', async () => {
    const owners = new MemoryServiceOwners();
    await owners.claim('web', { namespace: 'n', tenant: 'b' });
    await using api = await ApiFixture.start(
      { KUBIDU_JWT_SECRET: SECRET },
      { store: await storing(numbered(3)), owners },
    );
    const asked = async (tenant: string, path: string) => {
      const authorization = `Bearer ${await tokenOf({ tenants: [tenant] })}`;
      const response = await fetch(`${api.url}/api/${path}/logs/search?query=match`, { headers: { authorization } });
      return [response.status, (await response.text()).replace(/runtime:\w+/, 'runtime:…')];
    };
    for (const path of ['streams/runtime:web', 'services/web']) {
      expect(await asked('b', path)).toEqual([200, expect.stringContaining('a match')]);
      const [status, body] = await asked('a', path);
      expect([status, body]).toEqual([404, expect.not.stringContaining('match')]);
      expect([status, body]).toEqual(await asked('a', path.replace('web', 'none')));
    }
  });

  it('says in the last line what went wrong after it began', async () => {
    const stored = await storing(numbered(5_000));
    const store = replaced(stored, {
      read: async (stream, range) => {
        if (range.before !== undefined && range.before < 4_000) throw new LogsError('UNAVAILABLE', 'the test says so');
        return stored.read(stream, range);
      },
    });
    await using api = await ApiFixture.start({}, { store });
    const lines = await searched(api, { query: 'match' });
    expect(lines.at(-1)).toEqual({
      ...{ type: 'done', reason: 'error' },
      error: { code: 'UNAVAILABLE', message: 'the test says so' },
    });
  });

  it('stops when nobody listens any more, and gives its place back', async () => {
    let reads = 0;
    const lines = Array.from({ length: 1_000 }, () =>
      encodeEntry({ timestamp: '2026-11-20T00:00:00Z', message: 'a match' }),
    );
    const head = { firstIndex: 1, lastIndex: 1_000_000_000_000 };
    const endless = replaced(new MemoryLogStore(), {
      head: () => Promise.resolve(head),
      read: (_stream, { before = 0 }) => {
        reads++;
        return Promise.resolve({ ...head, gaps: [], batches: [new Batch(before - 1_000, lines)] });
      },
    });
    await using api = await ApiFixture.start({}, { store: endless });
    const { port } = new URL(api.url);
    const sockets = Array.from({ length: LIMITS.searchesPerPrincipal }, () => connect(Number(port), '127.0.0.1'));
    for (const socket of sockets) {
      socket.write(`GET /api/streams/${STREAM}/logs/search?query=neither HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
      await once(socket, 'data');
    }
    const one = () => fetch(`${api.url}/api/streams/${STREAM}/logs/search?query=match&limit=1`);
    const refused = await one();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    for (const socket of sockets) socket.destroy();
    const left = performance.now();
    await eventually(async () => expect((await one()).status).toBe(200));
    let seen = -1;
    await eventually(() => {
      const before = seen;
      seen = reads;
      expect(before).toBe(reads);
    });
    expect(performance.now() - left).toBeLessThan(1_000);
  });
});
