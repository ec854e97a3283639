import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, it } from '@jest/globals';

import { HttpApi } from './http-api.ts';

/** A server that refuses so many requests first, and then answers. */
async function limited(refusals: number, retryAfter?: string) {
  const askedAt: number[] = [];
  const server = createServer((_request, response) => {
    askedAt.push(performance.now());
    const refused = askedAt.length <= refusals;
    const header = refused && retryAfter !== undefined ? { 'retry-after': retryAfter } : {};
    response.writeHead(refused ? 429 : 200, { 'content-type': 'application/json', ...header });
    response.end(JSON.stringify(refused ? { error: { code: 'RATE_LIMITED', message: 'too many' } } : { streams: [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    askedAt,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

describe('a call that is refused for coming too often', () => {
  it('waits as long as the server asks, and comes again until it is answered', async () => {
    await using server = await limited(2, '1');
    expect(await new HttpApi({ url: server.url }).streams()).toEqual({ streams: [] });
    const [first = 0, second = 0, third = 0] = server.askedAt;
    expect(second - first).toBeGreaterThanOrEqual(990);
    expect(third - second).toBeGreaterThanOrEqual(990);
  });

  it('waits no longer in all than its patience', async () => {
    await using server = await limited(Infinity, '100');
    const asked = new HttpApi({ url: server.url }).streams();
    await expect(asked).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 100_000 });
    expect(server.askedAt).toHaveLength(1);
    await expect(new HttpApi({ url: server.url, patienceMs: 0 }).streams()).rejects.toMatchObject({
      code: 'RATE_LIMITED',
    });
  });

  it('ends with the reason of its signal while it waits', async () => {
    await using server = await limited(Infinity);
    const owner = new AbortController();
    const asked = new HttpApi({ url: server.url }).streams({}, owner.signal);
    setTimeout(() => owner.abort(new Error('enough')), 50);
    await expect(asked).rejects.toThrow('enough');
  });
});
