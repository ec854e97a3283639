import { describe, expect, it } from '@jest/globals';
import { MemoryServiceOwners } from '@kubidu/core';
import { eventually } from '@kubidu/testing';

import { ApiFixture, SECRET, entriesFrom, tokenOf } from '../../testing/api-fixture.ts';
import { ScriptedSource } from '../../testing/scripted-source.ts';

const POD = { podName: 'web-1', container: 'app', state: 'running', restart: 2 };

/** A server whose source knows `web` of tenant a and `api` of tenant b, whose they are. */
async function withServices(environment: Record<string, string> = {}) {
  const source = new ScriptedSource();
  const owners = new MemoryServiceOwners();
  await owners.claim('web', { namespace: 'n-a', tenant: 'a' });
  await owners.claim('api', { namespace: 'n-b', tenant: 'b' });
  source.has('web', { tenant: 'a', pods: [POD] });
  source.has('api', { tenant: 'b' });
  return { source, api: await ApiFixture.start(environment, { owners, sources: [{ name: 'scripted', source }] }) };
}

describe('services over HTTP', () => {
  it('are those that a source knows and those that wrote before, in the order of their ids', async () => {
    const { api } = await withServices();
    await using _api = api;
    await api.post('/api/streams/runtime:old/entries', { entries: entriesFrom(1, 1) });
    await api.post('/api/streams/job:none/entries', { entries: entriesFrom(1, 1) });
    expect((await api.get('/api/services')).body).toEqual({
      services: [
        { serviceId: 'api', tenant: 'b', pods: [] },
        { serviceId: 'old', pods: [] },
        { serviceId: 'web', tenant: 'a', pods: [POD] },
      ],
    });
  });

  it.each([
    { id: 'web', status: 200 },
    { id: 'nothing', status: 404 },
    { id: 'a%2Fb', status: 404 },
  ])('$id is $status', async ({ id, status }) => {
    const { api } = await withServices();
    await using _api = api;
    expect((await api.get(`/api/services/${id}`)).status).toBe(status);
  });

  it('have an empty page before their first line, where an unknown one has none', async () => {
    const { api } = await withServices();
    await using _api = api;
    expect((await api.get('/api/services/api/logs')).body).toEqual({
      entries: [],
      firstIndex: 1,
      lastIndex: 0,
      gaps: [],
    });
    expect((await api.get('/api/services/nothing/logs')).status).toBe(404);
  });

  it('are seen by their own tenant only, also when their pods are gone', async () => {
    const { api, source } = await withServices({ KUBIDU_JWT_SECRET: SECRET });
    await using _api = api;
    const token = await tokenOf({ tenants: ['a'] });
    const admin = await tokenOf({ admin: true });
    for (const id of ['web', 'api'])
      await api.post(`/api/streams/runtime:${id}/entries`, { entries: entriesFrom(1, 1) }, admin);
    const seen = async () => ({
      services: ((await api.get('/api/services', token)).body['services'] as { serviceId: string }[]).map(
        (one) => one.serviceId,
      ),
      streams: ((await api.get('/api/streams', token)).body['streams'] as { stream: string }[]).map(
        (one) => one.stream,
      ),
      web: (await api.get('/api/services/web/logs', token)).status,
      api: (await api.get('/api/services/api/logs', token)).status,
      apiService: (await api.get('/api/services/api', token)).status,
      apiStream: (await api.get('/api/streams/runtime:api', token)).status,
    });
    const own = { services: ['web'], streams: ['runtime:web'], web: 200, api: 404, apiService: 404, apiStream: 404 };
    expect(await seen()).toEqual(own);
    source.lacks('web');
    source.lacks('api');
    expect(await seen()).toEqual(own);
  });

  it('are followed on demand while somebody asks for their pages', async () => {
    const { api, source } = await withServices({ KUBIDU_COLLECT: 'on-demand' });
    await using _api = api;
    expect(source.following.has('web')).toBe(false);
    await api.get('/api/services/web/logs');
    await eventually(() => source.following.has('web'));
    expect(source.following.has('api')).toBe(false);
  });
});
