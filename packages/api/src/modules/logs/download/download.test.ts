import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';

import { describe, expect, it } from '@jest/globals';
import { LIMITS } from '@kubidu/contracts';
import type { LogEntry } from '@kubidu/contracts';
import { LogsError, MemoryLogStore, encodeEntry } from '@kubidu/core';
import { eventually, interfered } from '@kubidu/testing';

import { ApiFixture, SECRET, entriesFrom, tokenOf } from '../../../testing/api-fixture.ts';
import { TemporaryFolder } from '../../../testing/api-process.ts';

const TIME = '2026-11-20T23:16:57.856942694Z';
const PATH = '/api/streams/runtime%3Aweb/logs/download';
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => encodeEntry({ timestamp: TIME, message: `line ${from + at}` }));
const textOf = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `${TIME} line ${from + at}\n`).join('');

async function storing(lines: number): Promise<MemoryLogStore> {
  const store = new MemoryLogStore();
  for (let from = 1; from <= lines; from += 500)
    await store.append('runtime:web', numbered(from, Math.min(lines, from + 499)));
  return store;
}

const away = () => new LogsError('UNAVAILABLE', 'the store is away');

/** A response that nobody reads yet. */
async function asked(url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const request = get(url, { agent: false, headers });
  request.on('error', () => undefined);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => undefined); // `complete` says it
  return response;
}

async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  response.on('data', (piece: Buffer) => pieces.push(piece));
  await new Promise((resolve) => response.once('close', resolve));
  return Buffer.concat(pieces);
}

describe('the download of a stream', () => {
  it('is the whole range as lines with their times, in a file of the stream’s name', async () => {
    await using api = await ApiFixture.start({}, { store: await storing(12_345) });
    const response = await asked(api.url + PATH);
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': 'attachment; filename="runtime-web.log"',
      'accept-ranges': 'none',
      'cache-control': 'no-store, no-transform',
      'x-content-type-options': 'nosniff',
      vary: 'Accept-Encoding',
    });
    expect(response.headers['content-encoding']).toBeUndefined();
    expect((await bodyOf(response)).toString()).toBe(textOf(1, 12_345));
  });

  it.each([
    { accepts: 'gzip, deflate, br', zipped: true },
    { accepts: 'br;q=1, gzip;q=0.5', zipped: true },
    { accepts: '*', zipped: true },
    { accepts: 'gzip;q=0', zipped: false },
    { accepts: 'br', zipped: false },
  ])('is compressed for whoever accepts "$accepts": $zipped', async ({ accepts, zipped }) => {
    await using api = await ApiFixture.start({}, { store: await storing(5_000) });
    const response = await asked(api.url + PATH, { 'accept-encoding': accepts });
    const body = await bodyOf(response);
    expect(response.headers['content-encoding']).toBe(zipped ? 'gzip' : undefined);
    expect((zipped ? gunzipSync(body) : body).toString()).toBe(textOf(1, 5_000));
  });

  it('is a LogEntry a line as ndjson, the same as on a page', async () => {
    await using api = await ApiFixture.start();
    const more = { level: 'WARN', stream: 'stderr', podName: 'web-1\nx', container: 'app', context: { a: 1 } };
    const message = 'ünï \u001b[31mred\u001b[0m </script> \u2028 \u0000';
    const entries = [{ ...entriesFrom(1, 1)[0], ...more, message }, ...entriesFrom(2, 2)];
    await api.post('/api/streams/runtime:web/entries', { entries });
    const { body: page } = await api.get('/api/streams/runtime:web/logs');
    const response = await asked(`${api.url}/api/services/web/logs/download?format=ndjson`);
    expect(response.headers).toMatchObject({
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': 'attachment; filename="runtime-web.ndjson"',
    });
    const lines = (await bodyOf(response)).toString().split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => JSON.parse(line) as LogEntry)).toEqual(page['entries']);
    const text = (await bodyOf(await asked(api.url + PATH))).toString().split('\n');
    expect([text.length, text[0]]).toEqual([4, `${TIME} web-1?x app ${message}`]);
  });

  it.each([
    { format: 'log', gap: '--- 1,500 lines trimmed (indexes 1–1500) ---' },
    { format: 'ndjson', gap: '{"type":"gap","from":1,"to":1500,"reason":"trimmed"}' },
  ])('says in $format what can no longer be had', async ({ format, gap }) => {
    const store = await storing(2_000);
    await store.trim('runtime:web', { through: 1_500 });
    await using api = await ApiFixture.start({}, { store });
    const lines = (await bodyOf(await asked(`${api.url}${PATH}?format=${format}`))).toString().split('\n');
    expect([lines.length, lines[0]]).toEqual([502, gap]);
  });

  it.each([
    { more: 'query=%2F99%24%2F', messages: Array.from({ length: 60 }, (_, at) => `line ${at * 100 + 99}`) },
    { more: 'until=2026-11-20T00:00:00Z', messages: [] },
    { more: 'since=2026-11-20T23:16:57.856942695Z', messages: [] },
    { more: `since=${TIME}&query=%22line%201%22&until=2026-11-21T00:00:00Z&format=log`, messages: undefined },
  ])('holds only what $more selects', async ({ more, messages }) => {
    await using api = await ApiFixture.start({}, { store: await storing(6_000) });
    const text = (await bodyOf(await asked(`${api.url}${PATH}?${more}`))).toString();
    const found = text.split('\n').slice(0, -1);
    if (messages) expect(found).toEqual(messages.map((message) => `${TIME} ${message}`));
    else expect([found.length > 1_000, found.every((line) => line.includes('line 1'))]).toEqual([true, true]);
  });

  it('ends at the head that there was at its start', async () => {
    const store = await storing(20_000);
    await using api = await ApiFixture.start({}, { store });
    const response = await asked(api.url + PATH);
    await store.append('runtime:web', numbered(20_001, 20_400));
    expect((await bodyOf(response)).toString()).toBe(textOf(1, 20_000));
  });

  it('cuts the connection where the store fails in the middle and stays away', async () => {
    let reads = 0;
    const store = interfered(await storing(30_000), {
      read: (call) => (++reads > 2 ? Promise.reject(away()) : call()),
    });
    await using api = await ApiFixture.start({}, { store });
    const response = await asked(api.url + PATH);
    await bodyOf(response);
    expect([response.statusCode, response.complete]).toEqual([200, false]);
  });

  it('waits for a store that is away for a moment', async () => {
    let reads = 0;
    const store = interfered(await storing(30_000), {
      read: (call) => ([3, 4].includes(++reads) ? Promise.reject(away()) : call()),
    });
    await using api = await ApiFixture.start({}, { store });
    expect((await bodyOf(await asked(api.url + PATH))).toString()).toBe(textOf(1, 30_000));
  });

  it.each([{}, { 'accept-encoding': 'gzip' }])(
    'is cut where entries are gone and nothing says so, with %j',
    async (headers) => {
      const inner = await storing(30_000);
      let reads = 0;
      const store = interfered(inner, {
        read: async (call) => {
          if (++reads === 3) await inner[Symbol.asyncDispose]();
          return call();
        },
      });
      await using api = await ApiFixture.start({}, { store });
      const response = await asked(api.url + PATH, headers);
      await bodyOf(response);
      expect([response.statusCode, response.complete]).toEqual([200, false]);
    },
  );

  it('answers with a status of its own what is wrong before it begins', async () => {
    let isAway = false;
    const store = interfered(await storing(10), { read: (call) => (isAway ? Promise.reject(away()) : call()) });
    await using api = await ApiFixture.start({}, { store });
    const errorOf = async (path: string) => (await api.get(path)).body.error?.code;
    expect(await errorOf('/api/jobs/none/logs/download')).toBe('NOT_FOUND');
    expect(await errorOf(`${PATH}?format=pdf`)).toBe('INVALID_ARGUMENT');
    expect(await errorOf(`${PATH}?query=a%20(b`)).toBe('INVALID_ARGUMENT');
    expect(await errorOf(`${PATH}?since=yesterday`)).toBe('INVALID_ARGUMENT');
    isAway = true;
    expect(await errorOf(PATH)).toBe('UNAVAILABLE');
  });

  it.each([
    { path: '/api/services/a', file: 'runtime-a.log', stream: 'runtime:a' },
    { path: '/api/deployments/a', file: 'build-a.log', stream: 'build:a' },
    { path: '/api/jobs/a', file: 'job-a.log', stream: 'job:a' },
    { path: '/api/bots/a', file: 'bot-a.log', stream: 'bot:a' },
  ])('$path/logs/download is $file, for those who may read it', async ({ path, file, stream }) => {
    const ingest = 'an-ingest-token-of-at-least-thirty-two-bytes';
    await using api = await ApiFixture.start({ KUBIDU_JWT_SECRET: SECRET, KUBIDU_INGEST_TOKEN: ingest });
    await api.post(`/api/streams/${stream}/entries`, { entries: entriesFrom(1, 2) }, ingest);
    const { status, headers, body } = await api.get(`${path}/logs/download`, await tokenOf({ streams: [stream] }));
    expect([status, headers.get('content-disposition')]).toEqual([200, `attachment; filename="${file}"`]);
    expect(body['text']).toBe(textOf(1, 2));
    expect((await api.get(`${path}/logs/download`)).status).toBe(401);
    const others = await api.get(`${path}/logs/download`, await tokenOf({ streams: ['runtime:other'] }));
    expect([others.status, others.body.error?.code]).toEqual([404, 'NOT_FOUND']);
  });

  it('runs so many times at once for one reader, and is given back by one who leaves', async () => {
    await using api = await ApiFixture.start({}, { store: await storing(100_000) });
    const open = await Promise.all(Array.from({ length: LIMITS.downloadsPerPrincipal }, () => asked(api.url + PATH)));
    expect((await api.get(PATH)).body.error?.code).toBe('RATE_LIMITED');
    for (const response of open) response.destroy();
    await eventually(async () => expect((await api.ask('HEAD', PATH)).status).toBe(200));
  });

  it('is not resumed by curl, which says so and keeps what it has', async () => {
    await using folder = await TemporaryFolder.create();
    await using api = await ApiFixture.start({}, { store: await storing(5_000) });
    const file = join(folder.path, 'web.log');
    const curl = (...more: string[]) =>
      promisify(execFile)('curl', ['-sSf', '-C', '-', '-o', file, ...more, api.url + PATH]);
    await curl();
    expect(await readFile(file, 'utf8')).toBe(textOf(1, 5_000));
    await writeFile(file, 'a part');
    await expect(curl()).rejects.toMatchObject({ code: 33 });
    expect(await readFile(file, 'utf8')).toBe('a part');
    await promisify(execFile)('curl', ['-sSf', '--compressed', '-o', file, api.url + PATH]);
    expect(await readFile(file, 'utf8')).toBe(textOf(1, 5_000));
  });
});
