import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, it } from '@jest/globals';
import { eventually } from '@kubidu/testing';
import { ScriptedServer } from '@kubidu/testing/scripted-server';

import { HttpApi } from './http-api.ts';

/** Pieces that a test gives, and whether all were taken. */
async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function serving(listener: RequestListener): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { url, [Symbol.asyncDispose]: close };
}

describe('deployments over HTTP', () => {
  it('are queued, found, listed and cancelled', async () => {
    await using server = await ScriptedServer.start();
    const api = new HttpApi({ url: server.url });
    const request = { serviceId: 'web', source: { git: 'https://example.com/app.git' } };
    const { deploymentId } = await api.deploy(request);
    expect(server.asked).toEqual([request]);
    expect(await api.deployment(deploymentId)).toMatchObject({ deploymentId, status: 'queued' });
    expect((await api.deployments({ serviceId: 'web', limit: 1 })).deployments).toHaveLength(1);
    expect((await api.deployments({ serviceId: 'other' })).deployments).toEqual([]);
    expect(await api.cancel(deploymentId)).toMatchObject({ deploymentId });
    await expect(api.deployment('none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('an upload', () => {
  it('sends what is read, as it is read', async () => {
    await using server = await ScriptedServer.start();
    const api = new HttpApi({ url: server.url });
    const archive = ReadableStream.from(pieces('one ', 'two ', 'three'));
    expect(await api.upload(archive, { serviceId: 'web' })).toEqual({ upload: 'u-1', bytes: 13 });
    expect(server.uploads.get('u-1')?.toString()).toBe('one two three');
    expect(server.requests).toEqual(['POST /api/deployments/uploads?serviceId=web']);
  });

  it('throws what reading it throws', async () => {
    await using server = await ScriptedServer.start();
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield* pieces('half');
      throw new RangeError('the disk is gone');
    }
    const upload = new HttpApi({ url: server.url }).upload(ReadableStream.from(broken()));
    await expect(upload).rejects.toThrow(RangeError);
  });

  it('that is refused in the middle says so, without sending the rest', async () => {
    await using server = await serving((request, response) => {
      request.once('data', () => {
        response.writeHead(413, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: { code: 'PAYLOAD_TOO_LARGE', message: 'too large' } }));
        request.resume();
      });
    });
    let sent = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        yield Buffer.alloc(65_536);
        sent++;
        await new Promise(setImmediate);
      }
    }
    const upload = new HttpApi({ url: server.url }).upload(ReadableStream.from(endless()));
    await expect(upload).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(sent).toBeGreaterThan(0);
  });

  it('that nobody takes or answers any more is UNREACHABLE after the time-out', async () => {
    await using server = await serving((request) => request.resume());
    const upload = new HttpApi({ url: server.url, timeoutMs: 200 }).upload(ReadableStream.from(pieces('x')));
    await expect(upload).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  it('ends with the reason of its signal', async () => {
    await using server = await serving((request) => request.resume());
    const stop = new AbortController();
    async function* aborting(): AsyncGenerator<Uint8Array> {
      yield* pieces('x');
      stop.abort(new Error('enough'));
      yield* pieces('y');
    }
    const upload = new HttpApi({ url: server.url }).upload(ReadableStream.from(aborting()), {}, stop.signal);
    await expect(upload).rejects.toThrow('enough');
  });
});

describe('a histogram', () => {
  it('asks for what is wanted of a stream', async () => {
    const counted = { bucketSeconds: 1, buckets: [], scannedTo: 1, lastIndex: 0, complete: true, exact: true };
    const asked: (string | undefined)[] = [];
    await using server = await serving((request, response) => {
      asked.push(request.url);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(counted));
    });
    const api = new HttpApi({ url: server.url });
    expect(await api.histogram('runtime:web')).toEqual(counted);
    await api.histogram('runtime:web', { buckets: 7, since: '1h', before: 40 });
    const path = '/api/streams/runtime%3Aweb/logs/histogram';
    expect(asked).toEqual([path, `${path}?buckets=7&since=1h&before=40`]);
  });
});

describe('a search', () => {
  const match = { type: 'match', entry: { index: 7, timestamp: '2026-11-20T23:16:57Z', message: 'é' } };
  const done = { type: 'done', reason: 'beginning' };
  /** A server that answers with these pieces, and tells what it was asked. */
  async function answering(...pieces: readonly Uint8Array[]) {
    const asked: string[] = [];
    const server = await serving((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      for (const piece of pieces) response.write(piece);
      response.end();
    });
    return { ...server, asked };
  }
  const found = async (url: string) => {
    const lines = [];
    for await (const line of new HttpApi({ url }).search('runtime:web', { query: 'a b', limit: 5 })) lines.push(line);
    return lines;
  };

  it('gives each line as it comes, whatever pieces it comes in', async () => {
    const bytes = Buffer.from(`${JSON.stringify(match)}\n${JSON.stringify(done)}\n`);
    for (const cut of [1, bytes.indexOf('é') + 1, bytes.indexOf('\n'), bytes.length - 1]) {
      await using server = await answering(bytes.subarray(0, cut), bytes.subarray(cut));
      expect(await found(server.url)).toEqual([match, done]);
      expect(server.asked).toEqual(['/api/streams/runtime%3Aweb/logs/search?query=a+b&limit=5']);
    }
  });

  it.each([
    { what: 'cut off', last: '', code: 'UNREACHABLE' },
    { what: 'cut off within a line', last: '{"type":"do', code: 'UNREACHABLE' },
    {
      what: 'one that could not go on',
      last: '{"type":"done","reason":"error","error":{"code":"UNAVAILABLE","message":"away"}}\n',
      code: 'UNAVAILABLE',
    },
    { what: 'something else', last: 'hello\n', code: 'UNREACHABLE' },
  ])('throws $code where the answer is $what', async ({ last, code }) => {
    await using server = await answering(Buffer.from(`${JSON.stringify(match)}\n${last}`));
    await expect(found(server.url)).rejects.toMatchObject({ code });
  });

  it('ends the request where the iteration is left', async () => {
    let closed = false;
    await using server = await serving((_request, response) => {
      response.writeHead(200).write(`${JSON.stringify(match)}\n`);
      response.on('close', () => (closed = true));
    });
    for await (const line of new HttpApi({ url: server.url }).search('runtime:web', { query: 'a' })) {
      expect(line).toEqual(match);
      break;
    }
    await eventually(() => expect(closed).toBe(true));
  });
});

describe('a download', () => {
  it('is the bytes as they come, for as long as its reader takes', async () => {
    let path: string | undefined;
    await using server = await serving((request, response) => {
      path = request.url;
      response.write('one\n');
      response.end('two\n');
    });
    const api = new HttpApi({ url: server.url, timeoutMs: 200 });
    const bytes = await api.download('runtime:web', { format: 'ndjson', query: 'a b', since: '10m' });
    await new Promise((resolve) => AbortSignal.timeout(400).addEventListener('abort', resolve));
    expect(await new Response(bytes).text()).toBe('one\ntwo\n');
    expect(path).toBe('/api/streams/runtime%3Aweb/logs/download?format=ndjson&query=a+b&since=10m');
  });

  it('that is refused, cut off, silent or given up fails as it should', async () => {
    await using server = await serving((request, response) => {
      if (request.url?.includes('none')) {
        response.writeHead(404, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: { code: 'NOT_FOUND', message: 'there is no stream' } }));
        return;
      }
      response.write('a part');
      if (request.url?.includes('cut')) setImmediate(() => response.destroy());
    });
    const api = new HttpApi({ url: server.url, timeoutMs: 200 });
    const read = async (name: string, signal?: AbortSignal) =>
      new Response(await api.download(`job:${name}`, {}, signal)).text();
    await expect(read('none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(read('cut')).rejects.toMatchObject({ code: 'UNREACHABLE' });
    await expect(read('silent')).rejects.toMatchObject({ code: 'UNREACHABLE' });
    await expect(read('silent', AbortSignal.timeout(50))).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
