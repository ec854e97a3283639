import { describe, expect, it } from '@jest/globals';
import type { Action, StreamId } from '@kubidu/contracts';
import { LogsError, MemoryDeployments, MemoryServiceOwners } from '@kubidu/core';

import { ApiFixture, SECRET, entriesFrom, tokenOf } from '../../testing/api-fixture.ts';
import { AllowPolicy } from './allow-policy.ts';
import { bearerOf } from './bearer.ts';
import { ClaimsPolicy } from './claims-policy.ts';
import { patternNames } from './stream-pattern.ts';
import { Tenants } from './tenants.ts';

const INGEST = 'the-token-of-the-ingest';
const WITH_TOKENS = { KUBIDU_JWT_SECRET: SECRET, KUBIDU_INGEST_TOKEN: INGEST };

describe('a pattern of streams', () => {
  it.each<{ pattern: string; stream: StreamId; names: boolean }>([
    { pattern: 'runtime:web', stream: 'runtime:web', names: true },
    { pattern: 'runtime:web', stream: 'runtime:web2', names: false },
    { pattern: 'runtime:web', stream: 'job:web', names: false },
    { pattern: 'build:*', stream: 'build:17', names: true },
    { pattern: 'build:*', stream: 'job:17', names: false },
    { pattern: '*', stream: 'job:17', names: true },
    { pattern: '*:web', stream: 'runtime:web', names: true },
    { pattern: 'runtime:shop-*', stream: 'runtime:shop-web', names: true },
    { pattern: 'runtime:shop-*', stream: 'runtime:shop', names: false },
    { pattern: 'runtime:*-web', stream: 'runtime:a-b-web', names: true },
    { pattern: 'runtime:a*b*c', stream: 'runtime:a1b2c', names: true },
    { pattern: 'runtime:a*b*c', stream: 'runtime:a1c2b', names: false },
    { pattern: 'runtime:ab*ba', stream: 'runtime:aba', names: false },
    { pattern: 'runtime:w.b', stream: 'runtime:web', names: false },
    { pattern: 'web', stream: 'runtime:web', names: false },
    { pattern: '', stream: 'runtime:web', names: false },
  ])('$pattern names $stream: $names', ({ pattern, stream, names }) => {
    expect(patternNames(pattern, stream)).toBe(names);
  });
});

describe('policies', () => {
  const tenants = new Tenants(new MemoryServiceOwners(), new MemoryDeployments());
  const build = { serviceId: 'web', status: 'running', createdAt: '2026-11-20T23:16:57Z' } as const;
  tenants.learnBuild({ ...build, deploymentId: 'mine', tenant: 'a' });
  tenants.learnBuild({ ...build, deploymentId: 'theirs', tenant: 'b' });
  tenants.learnBuild({ ...build, deploymentId: 'free' });
  tenants.learn([
    { serviceId: 'web', tenant: 'a', pods: [] },
    { serviceId: 'api', tenant: 'b', pods: [] },
    { serviceId: 'free', pods: [] },
  ]);
  const principal = { subject: 'x', tenants: ['a'], streams: ['job:*'], admin: false };
  const admin = { ...principal, admin: true };

  it.each<{ who: string; action: Action; stream: StreamId; claims: boolean; allow: boolean }>([
    { who: 'user', action: 'read', stream: 'runtime:web', claims: true, allow: true },
    { who: 'user', action: 'read', stream: 'runtime:api', claims: false, allow: true },
    { who: 'user', action: 'read', stream: 'runtime:free', claims: false, allow: true },
    { who: 'user', action: 'read', stream: 'build:web', claims: false, allow: true },
    { who: 'user', action: 'read', stream: 'job:1', claims: true, allow: true },
    { who: 'user', action: 'read', stream: 'build:mine', claims: true, allow: true },
    { who: 'user', action: 'read', stream: 'build:theirs', claims: false, allow: true },
    { who: 'user', action: 'read', stream: 'build:free', claims: false, allow: true },
    { who: 'user', action: 'write', stream: 'build:mine', claims: false, allow: false },
    { who: 'user', action: 'build', stream: 'build:mine', claims: true, allow: false },
    { who: 'user', action: 'build', stream: 'build:theirs', claims: false, allow: false },
    { who: 'user', action: 'build', stream: 'build:free', claims: false, allow: false },
    { who: 'user', action: 'build', stream: 'build:none', claims: false, allow: false },
    { who: 'user', action: 'build', stream: 'runtime:web', claims: true, allow: false },
    { who: 'user', action: 'build', stream: 'runtime:api', claims: false, allow: false },
    { who: 'user', action: 'build', stream: 'runtime:free', claims: false, allow: false },
    { who: 'user', action: 'build', stream: 'runtime:new', claims: true, allow: false },
    { who: 'user', action: 'build', stream: 'job:1', claims: false, allow: false },
    { who: 'admin', action: 'build', stream: 'runtime:api', claims: true, allow: true },
    { who: 'user', action: 'write', stream: 'job:1', claims: false, allow: false },
    { who: 'user', action: 'write', stream: 'runtime:web', claims: false, allow: false },
    { who: 'admin', action: 'read', stream: 'runtime:api', claims: true, allow: true },
    { who: 'admin', action: 'write', stream: 'runtime:api', claims: true, allow: true },
  ])('$who may $action $stream: $claims by claims, $allow by allow', async ({ who, action, stream, claims, allow }) => {
    const asking = who === 'admin' ? admin : principal;
    expect(await new ClaimsPolicy(tenants).may(asking, action, stream)).toBe(claims);
    expect(await new AllowPolicy().may(asking, action)).toBe(allow);
  });
});

describe('the tenant of a service', () => {
  const web = (tenant?: string) => ({ serviceId: 'web', pods: [], ...(tenant !== undefined && { tenant }) });

  it('is the one that the sources tell now, or none where they tell none', async () => {
    const owners = new MemoryServiceOwners();
    await owners.claim('web', { namespace: 'n', tenant: 'before' });
    const tenants = new Tenants(owners, new MemoryDeployments());
    tenants.learn([web('a')]);
    expect(await tenants.ofStream('runtime:web')).toEqual({ tenant: 'a' });
    tenants.learn([web()]);
    expect(await tenants.ofStream('runtime:web')).toEqual({ tenant: undefined });
    expect(await tenants.ofStream('job:web')).toBeUndefined();
  });

  it('is that of its owner while no source knows the service', async () => {
    const owners = new MemoryServiceOwners();
    await owners.claim('web', { namespace: 'n', tenant: 'a' });
    const tenants = new Tenants(owners, new MemoryDeployments());
    expect(await tenants.ofStream('runtime:web')).toEqual({ tenant: 'a' });
    expect(await tenants.ofStream('runtime:other')).toBeUndefined();
    tenants.learn([web('b')]);
    tenants.learn([]);
    expect(await tenants.ofStream('runtime:web')).toEqual({ tenant: 'a' });
  });

  it('is the one known last while nobody can be asked, and nobody’s where none is known', async () => {
    const owners = new MemoryServiceOwners();
    owners.owner = () => Promise.reject(new LogsError('UNAVAILABLE', 'away'));
    const tenants = new Tenants(owners, new MemoryDeployments());
    tenants.learn([web('a')]);
    tenants.learn([]);
    expect(await tenants.ofStream('runtime:web')).toEqual({ tenant: 'a' });
    await expect(tenants.ofStream('runtime:other')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('a bearer token', () => {
  it.each([
    { header: 'Bearer abc', token: 'abc' },
    { header: 'bearer   abc ', token: 'abc' },
    { header: 'Basic abc', token: undefined },
    { header: 'Bearer', token: undefined },
    { header: 'Bearer a b', token: undefined },
    { header: undefined, token: undefined },
  ])('of "$header" is $token', ({ header, token }) => {
    expect(bearerOf(header)).toBe(token);
  });
});

describe('authentication over HTTP', () => {
  it('lets everybody do everything where it is off', async () => {
    await using api = await ApiFixture.start();
    expect((await api.get('/api/me')).body).toEqual({
      subject: 'local',
      tenants: [],
      streams: [],
      admin: true,
      authentication: 'off',
    });
  });

  it('says who the token is of', async () => {
    await using api = await ApiFixture.start(WITH_TOKENS);
    const token = await tokenOf({ tenants: ['a'], streams: ['job:*'] });
    expect((await api.get('/api/me', token)).body).toEqual({
      subject: 'tester',
      tenants: ['a'],
      streams: ['job:*'],
      admin: false,
      expiresAt: expect.stringMatching(/^\d{4}-.*Z$/),
      authentication: 'token',
    });
  });

  it.each([
    { of: 'no token', token: async () => undefined },
    { of: 'no JWT', token: async () => 'nonsense' },
    { of: 'another secret', token: () => tokenOf({ admin: true }, { secret: `${SECRET}!` }) },
    { of: 'an expired token', token: () => tokenOf({ admin: true }, { exp: -1 }) },
    {
      of: 'no signature',
      token: async () => `${btoa('{"alg":"none"}')}.${btoa('{"sub":"x","admin":true}')}.`.replaceAll('=', ''),
    },
    { of: 'claims of another shape', token: () => tokenOf({ tenants: 'a' }) },
    { of: 'admin as a word', token: () => tokenOf({ admin: 'true' }) },
    { of: 'a megabyte', token: async () => 'x'.repeat(12_000) },
  ])('refuses $of', async ({ token }) => {
    await using api = await ApiFixture.start(WITH_TOKENS);
    const answer = await api.get('/api/me', await token());
    expect([answer.status, answer.body.error?.code]).toEqual([401, 'UNAUTHENTICATED']);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('checks issuer and audience where they are set', async () => {
    await using api = await ApiFixture.start({ ...WITH_TOKENS, KUBIDU_JWT_ISSUER: 'us', KUBIDU_JWT_AUDIENCE: 'logs' });
    expect((await api.get('/api/me', await tokenOf({ iss: 'us', aud: 'logs' }))).status).toBe(200);
    expect((await api.get('/api/me', await tokenOf({ iss: 'them', aud: 'logs' }))).status).toBe(401);
    expect((await api.get('/api/me', await tokenOf({ iss: 'us' }))).status).toBe(401);
  });

  it('refuses a stranger before reading the body', async () => {
    await using api = await ApiFixture.start(WITH_TOKENS);
    const answer = await api.post('/api/streams/job:1/entries', { entries: 'x'.repeat(100_000) });
    expect(answer.status).toBe(401);
  });

  it('lets the ingest token write and end every stream and nothing else', async () => {
    await using api = await ApiFixture.start(WITH_TOKENS);
    expect((await api.post('/api/streams/job:1/entries', { entries: entriesFrom(1, 1) }, INGEST)).status).toBe(200);
    expect((await api.post('/api/streams/job:1/end', { status: 'succeeded' }, INGEST)).status).toBe(200);
    const refused = await Promise.all(
      [
        '/api/streams/job:1',
        '/api/streams/job:1/logs',
        '/api/services/x',
        '/api/streams',
        '/api/services',
        '/metrics',
      ].map(async (path) => [path, (await api.get(path, INGEST)).status]),
    );
    expect(refused).toEqual([
      ['/api/streams/job:1', 404],
      ['/api/streams/job:1/logs', 404],
      ['/api/services/x', 404],
      ['/api/streams', 403],
      ['/api/services', 403],
      ['/metrics', 403],
    ]);
  });

  it('shows a token its own streams only: others look as if they did not exist', async () => {
    await using api = await ApiFixture.start(WITH_TOKENS);
    for (const stream of ['job:mine', 'job:other', 'runtime:web'])
      await api.post(`/api/streams/${stream}/entries`, { entries: entriesFrom(1, 1) }, INGEST);
    const token = await tokenOf({ streams: ['job:mine'] });
    const list = await api.get('/api/streams', token);
    expect((list.body['streams'] as { stream: string }[]).map(({ stream }) => stream)).toEqual(['job:mine']);
    expect((await api.get('/api/streams/job:mine/logs', token)).status).toBe(200);
    const other = await api.get('/api/streams/job:other/logs', token);
    const absent = await api.get('/api/streams/job:otter/logs', token);
    expect([other.status, absent.status]).toEqual([404, 404]);
    expect(other.body.error?.message.replace('other', 'otter')).toBe(absent.body.error?.message);
    expect((await api.get('/api/services', token)).body).toEqual({ services: [] });
    expect((await api.post('/api/streams/job:mine/entries', { entries: [] }, token)).status).toBe(403);
    expect((await api.post('/api/streams/job:other/entries', { entries: [] }, token)).status).toBe(404);
  });
});
