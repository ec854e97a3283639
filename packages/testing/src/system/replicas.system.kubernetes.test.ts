import { randomBytes } from 'node:crypto';

import type { LogPage, ServiceList } from '@kubidu/contracts';
import { expect, it } from '@jest/globals';

import { accessToken } from '../access-token.ts';
import { eventually } from '../eventually.ts';
import { numberedLinesScript } from '../numbered-lines.ts';
import { HttpFailure, RawHttp } from '../protocol/raw-http.ts';
import { RawSocket } from '../protocol/raw-socket.ts';
import { RealCluster } from '../real-cluster.ts';
import { RealRedis } from '../real-redis.ts';
import type { RunningApi } from '../running-api.ts';
import { writerPod } from '../writers/pods.ts';
import { farewellOf, steadyWriterScript } from '../writers/steady-writer.ts';
import { serviceKnown, startClusterApi } from './cluster-api.ts';
import { Readers } from './readers.ts';

const PODS = ['steady-1', 'steady-2', 'steady-3'];

/** How many services this replica follows now. */
async function follows({ url }: RunningApi): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^kubidu_logs_follows\{[^}]*state="following"[^}]*\} (\d+)/m.exec(metrics)?.[1] ?? 0);
}

it('two replicas follow a pod once, and when the one that follows is killed the other goes on within 10 s', async () => {
  await using cluster = await RealCluster.open();
  await using redis = await RealRedis.start();
  const env = { KUBIDU_REDIS_URL: redis.url };
  await using one = await startClusterApi([cluster.namespace], env);
  await using two = await startClusterApi([cluster.namespace], env);
  const containers = [{ script: steadyWriterScript({ linesPerRound: 20, pauseSeconds: 0.05 }) }];
  await cluster.apply(...PODS.map((name) => writerPod({ name, service: 'steady', containers })));
  const [holder, other] = await eventually(
    async () => {
      const counts = [await follows(one), await follows(two)];
      if (counts.join() === '1,0') return [one, two] as const;
      return counts.join() === '0,1' && ([two, one] as const);
    },
    { timeoutMs: 30_000 },
  );
  await serviceKnown(other.url, 'steady');
  await using readers = await Readers.open(other.url, 'steady', { cli: 1, plain: 2, sdk: 2 });
  const [first] = readers.all;
  const goOn = (lines: number, timeoutMs: number) => {
    const from = first?.last ?? 0;
    return eventually(() => (first?.last ?? 0) > from + lines, { timeoutMs });
  };
  await goOn(1_000, 30_000);
  await holder.kill9();
  await eventually(async () => (await follows(other)) === 1, { timeoutMs: 10_000 });
  await goOn(500, 10_000);
  await holder.restart();
  await goOn(500, 10_000);
  expect(await follows(holder)).toBe(0);
  for (const name of PODS) await cluster.deletePod(name);
  for (const reader of readers.all)
    await eventually(() => reader.entries.filter(({ event }) => event?.type === 'pod-deleted').length === 3, {
      timeoutMs: 60_000,
    });
  const written = (first?.entries ?? []).flatMap(({ message, podName = '' }) => {
    const lines = farewellOf(message);
    return lines === undefined ? [] : [{ writer: podName, podName, lines }];
  });
  expect(written).toHaveLength(3);
  readers.mustBeComplete(written, { after: 0, ignore: (message) => farewellOf(message) !== undefined });
  const events = (first?.entries ?? []).flatMap(({ event }) => (event ? [event.type] : []));
  expect(events).toHaveLength(9);
}, 180_000);

it('a pod of another namespace with the same label gets nothing in, and each tenant reads its own', async () => {
  const secret = randomBytes(32).toString('hex');
  await using ours = await RealCluster.open({ 'kubidu.io/tenant-id': 'acme' });
  await using theirs = await RealCluster.open({ 'kubidu.io/tenant-id': 'rival' });
  await using api = await startClusterApi([ours.namespace, theirs.namespace], { KUBIDU_JWT_SECRET: secret });
  const acme = accessToken(secret, { sub: 'a', tenants: ['acme'] });
  const rival = accessToken(secret, { sub: 'r', tenants: ['rival'] });
  const writer = (name: string, service: string) =>
    writerPod({ name, service, containers: [{ script: `${numberedLinesScript(200)}; sleep 60` }] });
  await ours.apply(writer('honest', 'shop'));
  await serviceKnown(api.url, 'shop', acme);
  await theirs.apply(writer('spoof', 'shop'), writer('rival', 'rivals'));
  await serviceKnown(api.url, 'rivals', rival);
  const page = (token: string, service: string) =>
    new RawHttp(api.url, token).get<LogPage>(`/api/services/${service}/logs?after=0`);
  const numbered = ({ entries }: LogPage) => entries.filter(({ event }) => !event);
  await eventually(async () => numbered(await page(rival, 'rivals')).length === 200, { timeoutMs: 30_000 });
  await ours.apply(writer('second', 'shop'));
  await eventually(async () => numbered(await page(acme, 'shop')).length === 400, { timeoutMs: 30_000 });
  const { entries } = await page(acme, 'shop');
  expect(new Set(entries.map(({ podName }) => podName))).toEqual(new Set(['honest', 'second']));

  for (const [token, own, other] of [
    [acme, 'shop', 'rivals'],
    [rival, 'rivals', 'shop'],
  ] as const) {
    const http = new RawHttp(api.url, token);
    const { services } = await http.get<ServiceList>('/api/services');
    expect(services.map(({ serviceId }) => serviceId)).toEqual([own]);
    expect(JSON.stringify(await http.get('/api/streams'))).not.toContain(`runtime:${other}`);
    for (const path of [`/api/services/${other}`, `/api/services/${other}/logs`, `/api/streams/runtime:${other}`])
      await expect(http.get(path)).rejects.toMatchObject({ status: 404 } satisfies Partial<HttpFailure>);
    await using socket = await RawSocket.open(api.url, { token });
    const refused = { ok: false, error: { code: 'FORBIDDEN', message: 'Unauthorized' } };
    expect(await socket.request('subscribe:runtime', { serviceId: other })).toEqual(refused);
    expect(await socket.request('subscribe:runtime', { serviceId: own })).toMatchObject({ ok: true });
    await eventually(() => socket.all('logs:sources').length > 0);
    const [about] = socket.all('logs:sources')[0] as [{ sources: { podName: string }[] }];
    expect(about.sources.map(({ podName }) => podName)).not.toContain('spoof');
    expect(JSON.stringify(socket.events)).not.toContain('spoof');
  }
}, 120_000);
