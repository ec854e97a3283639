import { expect, it } from '@jest/globals';
import { eventually, RealCluster, RealRedis, writerPod } from '@kubidu/testing';

import { SECRET, tokenOf } from './testing/api-fixture.ts';
import { ConfiguredApi } from './testing/configured-api.ts';

it('a service whose pods are gone stays its tenant’s when every server was started anew, whatever others label their pods', async () => {
  await using redis = await RealRedis.start();
  await using owner = await RealCluster.open({ 'kubidu.io/tenant-id': 'acme' });
  await using intruder = await RealCluster.open({ 'kubidu.io/tenant-id': 'evil' });
  const environment = {
    KUBIDU_REDIS_URL: redis.url,
    KUBIDU_JWT_SECRET: SECRET,
    KUBIDU_KUBERNETES: 'kubeconfig',
    KUBECONFIG: RealCluster.kubeconfig,
    KUBIDU_NAMESPACES: `${owner.namespace},${intruder.namespace}`,
  };
  const [acme, evil, admin] = await Promise.all([
    tokenOf({ tenants: ['acme'] }),
    tokenOf({ tenants: ['evil'] }),
    tokenOf({ admin: true }),
  ]);
  const pod = (name: string) => writerPod({ name, service: 'web', containers: [{ script: `echo ${name}; sleep 60` }] });
  const linesIn = async (api: ConfiguredApi) => {
    const { entries } = (await api.get('/api/services/web/logs', acme)).body as {
      entries: { message: string; event?: object }[];
    };
    return entries.flatMap(({ message, event }) => (event ? [] : [message]));
  };
  {
    await using before = await ConfiguredApi.start(environment);
    await owner.apply(pod('mine'));
    await eventually(async () => (await linesIn(before)).includes('mine'), { timeoutMs: 30_000 });
  }
  await owner.kubectl('delete', 'pod', 'mine', '--force', '--grace-period=0');
  await intruder.apply(pod('theirs'));
  await intruder.started('theirs');

  await using one = await ConfiguredApi.start(environment);
  await using other = await ConfiguredApi.start(environment);
  for (const api of [one, other]) {
    expect((await api.get('/metrics', admin)).body['text']).toContain('kubidu_logs_foreign_pods 1');
    expect((await api.get('/api/services', acme)).body).toEqual({
      services: [{ serviceId: 'web', tenant: 'acme', pods: [] }],
    });
    expect(await linesIn(api)).toEqual(['mine']);
    expect((await api.get('/api/services', evil)).body).toEqual({ services: [] });
    expect((await api.get('/api/streams', evil)).body).toEqual({ streams: [] });
    for (const path of ['/api/services/web', '/api/services/web/logs', '/api/streams/runtime:web'])
      expect([path, (await api.get(path, evil)).status]).toEqual([path, 404]);
  }
  await owner.apply(pod('again'));
  await eventually(async () => (await linesIn(other)).includes('again'), { timeoutMs: 30_000 });
  expect(await linesIn(one)).toEqual(['mine', 'again']);
  expect((await one.get('/api/services/web/logs', evil)).status).toBe(404);
}, 120_000);
