import { describe, expect, it } from '@jest/globals';
import { LIMITS } from '@kubidu/contracts';
import { io } from 'socket.io-client';

import { ApiFixture, entriesFrom, SECRET, tokenOf } from '../../testing/api-fixture.ts';
import type { Answer } from '../../testing/configured-api.ts';

/** What one request a second allows at once. */
const BURST = LIMITS.requestBurstSeconds;

const WITH_TOKENS = { KUBIDU_JWT_SECRET: SECRET, KUBIDU_INGEST_TOKEN: 'only-for-writing-lines' };

/** Sends one after the other until one is refused; more than the burst by some, since seconds go by. */
async function until429(send: () => Promise<Answer>): Promise<Answer> {
  let answer = await send();
  for (let sent = 1; answer.status !== 429 && sent < 10 * BURST; sent++) answer = await send();
  return answer;
}

describe('a limit of requests', () => {
  it('refuses what is too much with the time to wait, and nobody else', async () => {
    await using api = await ApiFixture.start({ ...WITH_TOKENS, KUBIDU_RATE_LIMIT: '1' });
    const [one, other] = [await tokenOf({ sub: 'one' }), await tokenOf({ sub: 'other' })];
    const refused = await until429(() => api.get('/api/me', one));
    expect(refused.body).toEqual({ error: { code: 'RATE_LIMITED', message: 'too many requests' } });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect((await api.get('/api/me', other)).status).toBe(200);
    expect((await api.get('/api/me', await tokenOf({ sub: 'one', admin: true }))).status).toBe(429);
    expect((await api.get('/metrics', await tokenOf({ admin: true }))).body['text']).toMatch(
      /rate_limited_total\{of="read"\} [1-9]/,
    );
  });

  it('lets what stores lines pass while reading is refused, and the other way round', async () => {
    await using api = await ApiFixture.start({ KUBIDU_RATE_LIMIT: '1', KUBIDU_RATE_LIMIT_INGEST: '1' });
    const send = () => api.post('/api/streams/job:1/entries', { entries: entriesFrom(1, 1) });
    await until429(() => api.get('/api/streams/job:1'));
    expect((await send()).status).toBe(200);
    expect((await until429(send)).headers.get('retry-after')).toBe('1');
    await using again = await ApiFixture.start({ KUBIDU_RATE_LIMIT_INGEST: '1' });
    await until429(() => again.post('/api/streams/job:1/end', {}));
    expect((await again.get('/api/me')).status).toBe(200);
  });

  it('counts refused tokens and the description of the API on the address, and never probes', async () => {
    await using api = await ApiFixture.start({ ...WITH_TOKENS, KUBIDU_RATE_LIMIT: '1' });
    expect((await until429(() => api.get('/api/me', 'guessed'))).status).toBe(429);
    expect((await until429(() => api.get('/api/docs/openapi.json'))).status).toBe(429);
    for (let sent = 0; sent < 2 * BURST; sent++) expect((await api.get('/healthz')).status).toBe(200);
    expect((await api.get('/readyz')).status).toBe(200);
    expect((await api.get('/api/me', await tokenOf({}))).status).toBe(200);
  });

  it('is none where it is 0', async () => {
    await using api = await ApiFixture.start({ KUBIDU_RATE_LIMIT: '0' });
    const sent = await Promise.all(Array.from({ length: 3 * BURST }, () => api.get('/api/me')));
    expect(sent.every(({ status }) => status === 200)).toBe(true);
  });

  it('holds for pages and subscriptions by socket, each socket by itself without authentication', async () => {
    await using api = await ApiFixture.start({ KUBIDU_RATE_LIMIT: '1' });
    const open = () => io(`${api.url}/logs`, { transports: ['websocket'], forceNew: true, reconnection: false });
    const [one, other] = [open(), open()];
    const ask = (socket: typeof one, event: string): Promise<unknown> => socket.emitWithAck(event, { stream: 'job:1' });
    try {
      const answers = await Promise.all(Array.from({ length: 2 * BURST }, () => ask(one, 'history')));
      expect(answers.slice(0, BURST)).toEqual(answers.slice(0, BURST).map(() => expect.objectContaining({ ok: true })));
      expect(answers.at(-1)).toEqual({ ok: false, error: { code: 'RATE_LIMITED', message: 'too many requests' } });
      expect(await ask(one, 'unsubscribe')).toEqual({ ok: true });
      expect(await ask(other, 'subscribe')).toMatchObject({ ok: true });
    } finally {
      one.disconnect();
      other.disconnect();
    }
  });
});
