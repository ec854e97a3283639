import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunningApi } from '@kubidu/testing';

describe('The dashboard of the server', () => {
  let api: RunningApi;
  beforeAll(async () => {
    api = await RunningApi.start({ env: { KUBIDU_FRAME_ANCESTORS: 'https://paas.example.com' } });
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const get = (path: string, headers: Record<string, string> = {}) => fetch(api.url + path, { headers });
  const scriptOf = async (): Promise<string> => /src="([^"]+\.js)"/.exec(await (await get('/')).text())?.[1] ?? '';

  it.each(['/', '/services/web', '/deployments/1', '/jobs/a%20b', '/bots/x/'])(
    'is one document at %s',
    async (path) => {
      const response = await get(path);
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html;charset=utf-8']);
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(await response.text()).toContain('<div id="root">');
    },
  );

  it.each([
    '/api',
    '/api/nothing',
    '/services',
    '/services/a/b',
    '/assets/none.js',
    '/index.html',
    '/%2e%2e/package.json',
  ])('is not at %s, which stays the API’s 404', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });

  it('has a policy without anything inline, whose frames are those that were named, also where nothing was modified', async () => {
    const first = await get('/');
    const again = await get('/', { 'if-none-match': first.headers.get('etag') ?? '' });
    expect(again.status).toBe(304);
    for (const { headers } of [first, again]) {
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("script-src 'self'; style-src 'self'");
      expect(policy).toContain('frame-ancestors https://paas.example.com');
      expect(policy).not.toContain('unsafe');
      expect([headers.get('x-frame-options'), headers.get('x-content-type-options')]).toEqual([null, 'nosniff']);
    }
  });

  it.each(['br', 'gzip'])('sends its script as %s, to be kept as long as its name stays', async (encoding) => {
    const response = await get(await scriptOf(), { 'accept-encoding': encoding });
    expect(response.headers.get('content-encoding')).toBe(encoding);
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect((await response.text()).length).toBeGreaterThan(100_000);
  });

  it('sends the whole of a file that a part is asked of', async () => {
    const response = await get(await scriptOf(), { range: 'bytes=9-1' });
    expect(response.status).toBe(200);
    await response.arrayBuffer();
  });
});
