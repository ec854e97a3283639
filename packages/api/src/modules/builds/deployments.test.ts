import { Agent, request as httpRequest } from 'node:http';

import { describe, expect, it } from '@jest/globals';
import { MemoryServiceOwners } from '@kubidu/core';

import { ApiFixture, SECRET, entriesFrom, tokenOf } from '../../testing/api-fixture.ts';
import type { Answer } from '../../testing/configured-api.ts';
import { ScriptedBuild, ScriptedDesk } from '../../testing/scripted-desk.ts';
import { ScriptedSource } from '../../testing/scripted-source.ts';

const SOURCE = { git: 'https://example.com/app.git' };
const WITH_TOKENS = { KUBIDU_JWT_SECRET: SECRET, KUBIDU_INGEST_TOKEN: 'only-for-writing-lines' };

/** A server with a scripted desk; `web` is tenant a's, `api` tenant b's, `plain` is there and of no tenant. */
async function withDesk(environment: Record<string, string> = {}) {
  const desk = new ScriptedDesk();
  const owners = new MemoryServiceOwners();
  await owners.claim('web', { namespace: 'n-a', tenant: 'a' });
  await owners.claim('api', { namespace: 'n-b', tenant: 'b' });
  const source = new ScriptedSource();
  source.has('plain');
  const sources = [{ name: 'scripted', source }];
  const api = await ApiFixture.start(environment, { desk, deployments: desk.deployments, owners, sources });
  return { api, desk };
}

const create = (api: ApiFixture, serviceId: string, token?: string, more: object = {}) =>
  api.post('/api/deployments', { serviceId, source: SOURCE, ...more }, token);

const idIn = ({ body }: Answer): string => String(body['deploymentId']);

/** Sends bytes as an archive. */
const upload = (api: ApiFixture, bytes: string | undefined, headers: Record<string, string> = {}, query = '') =>
  api.ask('POST', `/api/deployments/uploads${query}`, {
    headers: { 'content-type': 'application/x-tar', ...headers },
    ...(bytes !== undefined && { body: bytes }),
  });

describe('deployments over HTTP', () => {
  it('are queued, shown, listed newest first, and their logs are empty until something is written', async () => {
    const { api, desk } = await withDesk();
    await using _api = api;
    const more = { dockerfile: 'docker/Dockerfile', buildArgs: { A: '1' }, secrets: { NPM: 'x' }, noCache: true };
    const created = await create(api, 'web', undefined, more);
    expect(created).toMatchObject({ status: 201, body: { serviceId: 'web', status: 'queued' } });
    const id = idIn(created);
    expect(desk.requests).toEqual([{ request: { serviceId: 'web', source: SOURCE, ...more }, tenant: 'a' }]);
    expect((await api.get(`/api/deployments/${id}`)).body).toEqual({
      deploymentId: id,
      serviceId: 'web',
      status: 'queued',
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    const empty = { entries: [], firstIndex: 1, lastIndex: 0, gaps: [] };
    expect((await api.get(`/api/deployments/${id}/logs`)).body).toEqual(empty);
    await new ScriptedBuild(api.store, id).lines(1, 'hello');
    expect((await api.get(`/api/deployments/${id}/logs`)).body).toMatchObject({ lastIndex: 1 });
    const second = idIn(await create(api, 'api'));
    const listed = (await api.get('/api/deployments')).body['deployments'] as { deploymentId: string }[];
    expect(listed.map(({ deploymentId }) => deploymentId)).toEqual([second, id]);
  });

  it('are listed by service and page by page', async () => {
    const { api } = await withDesk();
    await using _api = api;
    const made: string[] = [];
    for (let n = 0; n < 7; n++) made.unshift(idIn(await create(api, n % 2 === 0 ? 'web' : 'api')));
    const seen: string[] = [];
    for (let cursor = '', page = 0; page < 10; page++) {
      const { body } = await api.get(`/api/deployments?limit=2${cursor}`);
      seen.push(...(body['deployments'] as { deploymentId: string }[]).map(({ deploymentId }) => deploymentId));
      if (body['next'] === undefined) break;
      cursor = `&cursor=${body['next'] as string}`;
    }
    expect(seen).toEqual(made);
    const ofWeb = (await api.get('/api/deployments?serviceId=web')).body['deployments'] as { serviceId: string }[];
    expect(ofWeb.map(({ serviceId }) => serviceId)).toEqual(['web', 'web', 'web', 'web']);
  });

  it('the newest is the latest of its service', async () => {
    const { api } = await withDesk();
    await using _api = api;
    expect((await api.get('/api/services/plain')).body).toEqual({ serviceId: 'plain', pods: [] });
    await create(api, 'plain');
    const latestDeploymentId = idIn(await create(api, 'plain'));
    expect((await api.get('/api/services/plain')).body).toMatchObject({ latestDeploymentId });
    expect((await api.get('/api/services')).body).toEqual({
      services: [{ serviceId: 'plain', pods: [], latestDeploymentId }],
    });
  });

  it('are cancelled once; what has ended is CONFLICT, what there is not NOT_FOUND', async () => {
    const { api, desk } = await withDesk();
    await using _api = api;
    const id = idIn(await create(api, 'web'));
    const cancel = () => api.ask('DELETE', `/api/deployments/${id}`);
    expect(await cancel()).toMatchObject({ status: 200, body: { deploymentId: id, status: 'queued' } });
    await desk.deployments.change(id, { status: 'cancelled', endedAt: new Date().toISOString() });
    expect(await cancel()).toMatchObject({ status: 409, body: { error: { code: 'CONFLICT' } } });
    expect(await api.ask('DELETE', '/api/deployments/none')).toMatchObject({ status: 404 });
    expect(await api.get('/api/deployments/none/logs')).toMatchObject({ status: 404 });
  });

  it.each([
    { body: {}, field: 'serviceId' },
    { body: { serviceId: 'web' }, field: 'source' },
    { body: { serviceId: 'web', source: { path: '.', git: 'x' } }, field: 'source' },
    { body: { serviceId: 'a b', source: SOURCE }, field: 'serviceId' },
    { body: { serviceId: 'web', source: SOURCE, secrets: { 'a b': 'x' } }, field: 'secrets.a b' },
    { body: { serviceId: 'web', source: SOURCE, buildargs: {} }, field: 'buildargs' },
  ])('$body is INVALID_ARGUMENT at $field', async ({ body, field }) => {
    const { api } = await withDesk();
    await using _api = api;
    const { status, body: answer } = await api.post('/api/deployments', body);
    expect(status).toBe(400);
    expect(answer.error?.details?.map((detail) => detail.field)).toContain(field);
  });

  it('are UNAVAILABLE, with the reason, on a server that builds nothing; what was built before is there', async () => {
    const desk = new ScriptedDesk();
    const record = await desk.request({ serviceId: 'web', source: SOURCE });
    await using api = await ApiFixture.start({}, { deployments: desk.deployments });
    const refused = {
      status: 503,
      body: { error: { code: 'UNAVAILABLE', message: expect.stringContaining('builds') } },
    };
    expect(await create(api, 'web')).toMatchObject(refused);
    expect(await upload(api, 'x')).toMatchObject(refused);
    expect(await api.get(`/api/deployments/${record.deploymentId}`)).toMatchObject({ status: 200 });
  });
});

describe('who may build', () => {
  it.each([
    { who: 'an admin', claims: { admin: true }, service: 'web', status: 201, tenant: 'a' },
    { who: 'its tenant', claims: { tenants: ['x', 'a'] }, service: 'web', status: 201, tenant: 'a' },
    { who: 'another tenant', claims: { tenants: ['b'] }, service: 'web', status: 404 },
    {
      who: 'another tenant that may read it',
      claims: { tenants: ['b'], streams: ['runtime:web'] },
      service: 'web',
      status: 403,
    },
    { who: 'a reader of all builds', claims: { streams: ['build:*'] }, service: 'web', status: 404 },
    { who: 'a tenant', claims: { tenants: ['a'] }, service: 'plain', status: 404 },
    { who: 'an admin', claims: { admin: true }, service: 'plain', status: 201 },
    { who: 'a tenant', claims: { tenants: ['b'] }, service: 'new', status: 201, tenant: 'b' },
    { who: 'a token of several tenants', claims: { tenants: ['a', 'b'] }, service: 'new', status: 400 },
    { who: 'an admin of several tenants', claims: { admin: true, tenants: ['a', 'b'] }, service: 'new', status: 201 },
    { who: 'a token without tenants', claims: {}, service: 'new', status: 404 },
  ])('$who gets $status for $service', async ({ claims, service, status, tenant }) => {
    const { api, desk } = await withDesk(WITH_TOKENS);
    await using _api = api;
    const token = await tokenOf(claims);
    expect((await create(api, service, token)).status).toBe(status);
    expect(desk.requests.map((asked) => asked.tenant)).toEqual(status === 201 ? [tenant] : []);
    const archive = await upload(api, 'bytes', { authorization: `Bearer ${token}` }, `?serviceId=${service}`);
    expect(archive.status).toBe(status);
    expect([...desk.uploads.values()].map((kept) => kept.tenant)).toEqual(status === 201 ? [tenant] : []);
  });

  it('a token of several tenants names one of its own for a new service, and no other’s', async () => {
    const { api, desk } = await withDesk(WITH_TOKENS);
    await using _api = api;
    const token = await tokenOf({ tenants: ['a', 'b'] });
    const { body } = await create(api, 'new', token);
    expect(body.error?.message).toMatch(/name one of your tenants \(a, b\)/);
    expect(body.error?.details?.map(({ field }) => field)).toEqual(['tenant']);
    expect((await create(api, 'new', token, { tenant: 'b' })).status).toBe(201);
    expect((await create(api, 'new', token, { tenant: 'c' })).status).toBe(400);
    expect((await create(api, 'web', token, { tenant: 'b' })).status).toBe(400);
    expect(desk.requests).toEqual([{ request: { serviceId: 'new', source: SOURCE }, tenant: 'b' }]);
  });

  it('a deployment of another tenant looks like one that there is not, everywhere', async () => {
    const { api } = await withDesk(WITH_TOKENS);
    await using _api = api;
    const [admin, mine, others] = await Promise.all([
      tokenOf({ admin: true }),
      tokenOf({ tenants: ['a'] }),
      tokenOf({ tenants: ['b'] }),
    ]);
    const id = idIn(await create(api, 'web', mine));
    await new ScriptedBuild(api.store, id).lines(1, 'secret');
    for (const token of [mine, admin, await tokenOf({ streams: ['build:*'] })]) {
      expect((await api.get(`/api/deployments/${id}`, token)).status).toBe(200);
      expect((await api.get(`/api/deployments/${id}/logs`, token)).body).toMatchObject({ lastIndex: 1 });
      expect((await api.get('/api/deployments', token)).body['deployments']).toHaveLength(1);
    }
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['GET', '/logs'],
    ]) {
      const hidden = await api.ask(method ?? '', `/api/deployments/${id}${path}`, { token: others });
      const none = await api.ask(method ?? '', `/api/deployments/none${path}`, { token: others });
      expect(JSON.stringify(hidden.body).replaceAll(id, 'none')).toBe(JSON.stringify(none.body));
      expect([hidden.status, none.status]).toEqual([404, 404]);
    }
    expect((await api.get('/api/deployments', others)).body).toEqual({ deployments: [] });
    expect((await api.get(`/api/streams/build:${id}`, others)).status).toBe(404);
    expect((await api.get('/api/streams?kind=build', others)).body).toEqual({ streams: [] });
  });

  it('who may only read a build may not cancel it; the ingest token may nothing', async () => {
    const { api } = await withDesk(WITH_TOKENS);
    await using _api = api;
    const id = idIn(await create(api, 'web', await tokenOf({ tenants: ['a'] })));
    const path = `/api/deployments/${id}`;
    expect(await api.ask('DELETE', path, { token: await tokenOf({ streams: ['build:*'] }) })).toMatchObject({
      status: 403,
    });
    const token = WITH_TOKENS.KUBIDU_INGEST_TOKEN;
    expect((await api.ask('DELETE', path, { token })).status).toBe(404);
    expect((await create(api, 'web', token)).status).toBe(404);
    expect((await api.get('/api/deployments', token)).status).toBe(403);
    expect((await upload(api, 'x', { authorization: `Bearer ${token}` })).status).toBe(403);
  });
});

describe('uploads', () => {
  it('go to the desk as they are, in one piece or many', async () => {
    const { api, desk } = await withDesk();
    await using _api = api;
    const bytes = 'x'.repeat(700_000);
    expect(await upload(api, bytes)).toMatchObject({ status: 201, body: { upload: 'u-1', bytes: 700_000 } });
    expect(await upload(api, bytes, { 'content-type': 'application/gzip' })).toMatchObject({ status: 201 });
    expect([...desk.uploads.values()].map((kept) => kept.bytes.toString() === bytes)).toEqual([true, true]);
  });

  it.each(['announced', 'found out'])('beyond the limit are PAYLOAD_TOO_LARGE, %s', async (how) => {
    const { api, desk } = await withDesk();
    await using _api = api;
    const body = 'x'.repeat(8 * 1024 * 1024);
    const answer = await sendPieces(api.url, body, how === 'announced');
    expect(answer).toMatchObject({ status: 413, body: expect.stringContaining(String(desk.maxUploadBytes)) });
    expect(await upload(api, 'small')).toMatchObject({ status: 201 });
  });

  it.each([
    { type: 'text/plain' },
    { type: 'text/plain; application/x-tar' },
    { type: 'application/x-www-form-urlencoded' },
    { type: 'multipart/form-data; boundary=application/x-tar' },
    { type: 'application/json' },
    { type: 'application/x-tarball' },
    { type: '' },
  ])('of the type "$type", which a web page could send or which is no archive, are refused', async ({ type }) => {
    const { api, desk } = await withDesk();
    await using _api = api;
    const answer = await api.ask('POST', '/api/deployments/uploads', { body: 'x', headers: { 'content-type': type } });
    expect(answer).toMatchObject({ status: 400, body: { error: { details: [{ field: 'Content-Type' }] } } });
    expect(desk.uploads.size).toBe(0);
  });

  it.each([
    '/api/deployments',
    '/api/streams/job:x/entries',
    '/api/deployments/uploads/x',
    '/api/deployments//uploads',
  ])('are taken nowhere else: %s', async (path) => {
    const { api } = await withDesk();
    await using _api = api;
    const headers = { 'content-type': 'application/x-tar' };
    const body = JSON.stringify({ entries: entriesFrom(1, 1) });
    expect((await api.ask('POST', path, { headers, body })).status).toBe(400);
    expect((await api.get('/api/streams')).body).toEqual({ streams: [] });
  });

  it('a sender that goes away in the middle leaves nothing behind', async () => {
    const { api, desk } = await withDesk();
    await using _api = api;
    await new Promise<void>((resolve) => {
      const request = httpRequest(`${api.url}/api/deployments/uploads`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-tar', 'content-length': 1_000 },
      });
      request.on('close', resolve).on('error', () => undefined);
      request.write('half of it', () => request.destroy());
    });
    expect(await upload(api, 'next')).toMatchObject({ status: 201, body: { upload: 'u-1' } });
    expect(desk.uploads.size).toBe(1);
  });
});

/** Sends a body piece by piece over a plain connection and never looks at the answer before it is all sent. */
async function sendPieces(url: string, body: string, announced: boolean): Promise<{ status: number; body: string }> {
  const agent = new Agent({ keepAlive: true });
  const answer = new Promise<{ status: number; body: string }>((resolve, reject) => {
    const request = httpRequest(`${url}/api/deployments/uploads`, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/x-tar', ...(announced && { 'content-length': body.length }) },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    for (let at = 0; at < body.length; at += 65_536) request.write(body.slice(at, at + 65_536));
    request.end();
  });
  return answer.finally(() => agent.destroy());
}
