import http from 'node:http';

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { KubernetesLogSource } from '@kubidu/source-kubernetes';
import { openRedisStore } from '@kubidu/store-redis';
import { eventually, FakeKubelet, RealRedis } from '@kubidu/testing';

import { entriesFrom, SECRET, tokenOf } from './testing/api-fixture.ts';
import { ConfiguredApi } from './testing/configured-api.ts';
import { ScriptedSource } from './testing/scripted-source.ts';

let redis: RealRedis;
let environment: Record<string, string>;

beforeAll(async () => {
  redis = await RealRedis.start();
  environment = { KUBIDU_REDIS_URL: redis.url, KUBIDU_JWT_SECRET: SECRET };
});

afterAll(async () => {
  await redis[Symbol.asyncDispose]();
});

/** A server whose source knows the service `web`, with a line in its stream, which is closed before this resolves. */
async function lifeBefore(): Promise<void> {
  await using store = await openRedisStore({ url: redis.url });
  await store.owners.claim('web', { namespace: 'n-a', tenant: 'a' });
  const source = new ScriptedSource();
  source.has('web', { tenant: 'a' });
  await using api = await ConfiguredApi.start(environment, { sources: [{ name: 'scripted', source }] });
  const admin = await tokenOf({ admin: true });
  expect((await api.post('/api/streams/runtime:web/entries', { entries: entriesFrom(1, 1) }, admin)).status).toBe(200);
}

it('a service without pods is its tenant’s after a restart, on every replica, and nobody else’s', async () => {
  await lifeBefore();
  const [mine, theirs] = [await tokenOf({ tenants: ['a'] }), await tokenOf({ tenants: ['b'] })];
  await using one = await ConfiguredApi.start(environment, { sources: [] });
  await using other = await ConfiguredApi.start(environment, { sources: [] });
  for (const api of [one, other]) {
    expect((await api.get('/api/services', mine)).body).toEqual({
      services: [{ serviceId: 'web', tenant: 'a', pods: [] }],
    });
    expect((await api.get('/api/services/web/logs', mine)).body).toMatchObject({
      lastIndex: 1,
      entries: [{ message: 'line 1' }],
    });
    expect((await api.get('/api/services', theirs)).body).toEqual({ services: [] });
    expect((await api.get('/api/services/web/logs', theirs)).status).toBe(404);
  }
});

it('a pod of another namespace with its label writes nothing into its stream after a restart', async () => {
  await lifeBefore();
  await using kubelet = await FakeKubelet.open();
  kubelet.write({ time: '2026-01-01T00:00:01.000000000Z', message: 'not mine to write' });
  await using store = await openRedisStore({ url: redis.url });
  await using agent = disposable(new http.Agent({ keepAlive: true }));
  await using source = KubernetesLogSource.with(
    {
      url: kubelet.url,
      credentials: () => Promise.resolve({ headers: {}, agent: agent.value }),
      [Symbol.dispose]: () => undefined,
    },
    { owners: store.owners, timing: { reconcileMs: 50 } },
  );
  const foreignPods = () => source.stats().foreignPods;
  await using api = await ConfiguredApi.start(environment, { sources: [{ name: 'kubernetes', source, foreignPods }] });
  const [mine, admin] = [await tokenOf({ tenants: ['a'] }), await tokenOf({ admin: true })];
  await eventually(async () =>
    String((await api.get('/metrics', admin)).body['text']).includes('kubidu_logs_foreign_pods 1'),
  );
  expect(kubelet.follows).toBe(0);
  expect((await api.get('/api/services/web/logs', mine)).body).toMatchObject({ lastIndex: 1 });
  expect((await api.get('/api/services/web', mine)).body).toEqual({ serviceId: 'web', tenant: 'a', pods: [] });
});

function disposable(value: http.Agent): AsyncDisposable & { readonly value: http.Agent } {
  return { value, [Symbol.asyncDispose]: async () => value.destroy() };
}
