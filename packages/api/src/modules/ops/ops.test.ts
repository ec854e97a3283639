import { request } from 'node:http';

import { describe, expect, it } from '@jest/globals';
import { LogsError, MemoryArchiveObjects, MemoryLogStore, ObjectLogArchive } from '@kubidu/core';
import { InterferedObjects } from '@kubidu/testing';

import { ApiFixture, SECRET, entriesFrom, tokenOf } from '../../testing/api-fixture.ts';
import { ScriptedSource } from '../../testing/scripted-source.ts';

/** A request with a Host header, which fetch does not let one set. */
function statusWithHost(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe('operation', () => {
  it('answers liveness and readiness without a token', async () => {
    await using api = await ApiFixture.start({ KUBIDU_JWT_SECRET: SECRET });
    expect((await api.get('/healthz')).body).toEqual({ ok: true });
    expect(await api.get('/readyz')).toMatchObject({
      status: 200,
      body: { ready: true, dependencies: { store: { ok: true } } },
    });
  });

  it('is alive but not ready while the store is away', async () => {
    const store = new MemoryLogStore();
    store.list = () => Promise.reject(new LogsError('UNAVAILABLE', 'redis://:secret@10.0.0.1 is away'));
    await using api = await ApiFixture.start({}, { store });
    expect((await api.get('/healthz')).status).toBe(200);
    expect(await api.get('/readyz')).toMatchObject({
      status: 503,
      body: { ready: false, dependencies: { store: { ok: false, detail: 'not reachable' } } },
    });
    expect((await api.get('/metrics')).body['text']).toContain('kubidu_logs_store_up 0');
  });

  it('stays ready while a source is away, since everything stored can be read, and says so', async () => {
    const source = new ScriptedSource();
    source.health = () => ({ ok: false, detail: 'the cluster does not answer' });
    await using api = await ApiFixture.start({}, { sources: [{ name: 'kubernetes', source }] });
    expect(await api.get('/readyz')).toMatchObject({
      status: 200,
      body: { dependencies: { kubernetes: { ok: false, detail: 'the cluster does not answer' } } },
    });
  });

  it('stays ready while the archive is away, since what is new is served without it, and says so', async () => {
    const objects = new InterferedObjects(new MemoryArchiveObjects());
    await using api = await ApiFixture.start({}, { archive: new ObjectLogArchive(objects) });
    expect((await api.get('/readyz')).body).toMatchObject({ dependencies: { archive: { ok: true } } });
    objects.interference.before = () => {
      throw new LogsError('UNAVAILABLE', 'away');
    };
    await using other = await ApiFixture.start({}, { archive: new ObjectLogArchive(objects) });
    expect(await other.get('/readyz')).toMatchObject({
      status: 200,
      body: { ready: true, dependencies: { archive: { ok: false, detail: 'not reachable' } } },
    });
  });

  it('counts what is appended', async () => {
    await using api = await ApiFixture.start();
    await api.post('/api/streams/job:1/entries', { entries: [...entriesFrom(1, 3), ...entriesFrom(1, 1)] });
    const { body, headers } = await api.get('/metrics');
    expect(headers.get('content-type')).toContain('text/plain');
    expect(body['text']).toContain('kubidu_logs_appended_lines_total{kind="job"} 3');
    expect(body['text']).toContain('kubidu_logs_store_up 1');
    expect(body['text']).toContain('process_cpu_seconds_total');
  });

  it('counts the pods that are ignored because their service belongs to another namespace', async () => {
    const named = { name: 'kubernetes', source: new ScriptedSource(), foreignPods: () => 3 };
    await using api = await ApiFixture.start({}, { sources: [named] });
    expect((await api.get('/metrics')).body['text']).toContain('kubidu_logs_foreign_pods 3');
  });

  it('shows metrics to admins and to its own token where there is authentication', async () => {
    const own = 'the-token-of-prometheus';
    await using api = await ApiFixture.start({ KUBIDU_JWT_SECRET: SECRET, KUBIDU_METRICS_TOKEN: own });
    expect((await api.get('/metrics')).status).toBe(401);
    expect((await api.get('/metrics', await tokenOf({}))).status).toBe(403);
    expect((await api.get('/metrics', await tokenOf({ admin: true }))).status).toBe(200);
    expect((await api.get('/metrics', own)).status).toBe(200);
    expect((await api.get('/api/me', own)).status).toBe(401);
  });
});

describe('every answer', () => {
  it.each(['/nothing', '/api', '/api/nothing', '/api/streams/job:1/nothing', '/metricsx', '/%'])(
    'to %s is JSON',
    async (path) => {
      await using api = await ApiFixture.start();
      const { status, body } = await api.get(path);
      expect([400, 404]).toContain(status);
      expect(body.error?.code).toBe(status === 404 ? 'NOT_FOUND' : 'INVALID_ARGUMENT');
    },
  );

  it.each(['DELETE', 'PUT', 'PATCH'])('to %s is NOT_FOUND', async (method) => {
    await using api = await ApiFixture.start();
    expect(await api.ask(method, '/api/streams')).toMatchObject({
      status: 404,
      body: { error: { code: 'NOT_FOUND' } },
    });
  });

  it('carries what browsers are to keep to, and not what we are made of', async () => {
    await using api = await ApiFixture.start();
    const { headers } = await api.get('/healthz');
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
    });
    expect([headers.get('x-powered-by'), headers.get('access-control-allow-origin')]).toEqual([null, null]);
  });

  it('allows the listed origins and no other', async () => {
    await using api = await ApiFixture.start({
      KUBIDU_CORS_ORIGINS: 'https://logs.example.com,https://two.example.com',
    });
    const allowed = async (origin: string) =>
      (await api.ask('GET', '/healthz', { headers: { origin } })).headers.get('access-control-allow-origin');
    expect(await allowed('https://two.example.com')).toBe('https://two.example.com');
    expect(await allowed('https://evil.example.com')).toBeNull();
  });

  it('is refused under a foreign name while authentication is off', async () => {
    await using api = await ApiFixture.start();
    expect(await statusWithHost(`${api.url}/api/me`, 'evil.example.com:3000')).toBe(400);
    expect(await statusWithHost(`${api.url}/api/me`, 'localhost:3000')).toBe(200);
    expect(await statusWithHost(`${api.url}/api/me`, '[::1]:3000')).toBe(200);
  });
});
