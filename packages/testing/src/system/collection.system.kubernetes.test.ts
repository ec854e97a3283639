import type { LogPage } from '@kubidu/contracts';
import { expect, it } from '@jest/globals';

import { eventually } from '../eventually.ts';
import { numberedLinesScript } from '../numbered-lines.ts';
import { judge } from '../oracle.ts';
import type { Written } from '../oracle.ts';
import { RawHttp } from '../protocol/raw-http.ts';
import { RealCluster } from '../real-cluster.ts';
import { RealRedis } from '../real-redis.ts';
import type { Reader } from '../reader.ts';
import type { RunningApi } from '../running-api.ts';
import { SdkReader } from '../sdk-reader.ts';
import { writerPod } from '../writers/pods.ts';
import { farewellOf, steadyWriterScript } from '../writers/steady-writer.ts';
import { serviceKnown, startClusterApi } from './cluster-api.ts';

const PODS = ['steady-1', 'steady-2', 'steady-3'];

function steadyPods() {
  const containers = [{ script: steadyWriterScript({ linesPerRound: 20, pauseSeconds: 0.05 }) }];
  return PODS.map((name) => writerPod({ name, service: 'steady', containers }));
}

/** How many services this replica follows now. */
async function follows({ url }: RunningApi): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^kubidu_logs_follows\{[^}]*state="following"[^}]*\} (\d+)/m.exec(metrics)?.[1] ?? 0);
}

/** Resolves when that many lines more have come. */
async function goesOn(reader: Reader, lines: number, timeoutMs = 30_000): Promise<void> {
  const from = reader.entries.length;
  await eventually(() => reader.entries.length > from + lines, { timeoutMs });
}

/** Ends the pods and gives what each says to have written. */
async function farewells(cluster: RealCluster, reader: Reader): Promise<Written[]> {
  for (const name of PODS) await cluster.deletePod(name);
  await eventually(() => reader.entries.filter(({ event }) => event?.type === 'pod-deleted').length === PODS.length, {
    timeoutMs: 60_000,
  });
  return reader.entries.flatMap(({ message, podName = '' }) => {
    const lines = farewellOf(message);
    return lines === undefined ? [] : [{ writer: podName, podName, lines }];
  });
}

const ignore = (message: string) => farewellOf(message) !== undefined;

it('a replica that stood still while another took over writes nothing any more', async () => {
  await using cluster = await RealCluster.open();
  await using redis = await RealRedis.start();
  const env = { KUBIDU_REDIS_URL: redis.url };
  await using one = await startClusterApi([cluster.namespace], env);
  await cluster.apply(...steadyPods());
  await serviceKnown(one.url, 'steady');
  await eventually(async () => (await follows(one)) === 1, { timeoutMs: 30_000 });
  await using two = await startClusterApi([cluster.namespace], env);
  await using reader = new SdkReader({ url: two.url, stream: 'runtime:steady' });
  await goesOn(reader, 500);
  one.signal('SIGSTOP');
  await eventually(async () => (await follows(two)) === 1, { timeoutMs: 10_000 });
  await goesOn(reader, 500, 10_000);
  one.signal('SIGCONT');
  await goesOn(reader, 500);
  await eventually(async () => (await follows(one)) === 0, { timeoutMs: 10_000 });
  const written = await farewells(cluster, reader);
  expect(written).toHaveLength(3);
  expect(reader.verdict(written, { after: 0, ignore }).report).toMatch(/^complete/);
  expect(reader.entries.filter(({ event }) => event)).toHaveLength(9);
}, 120_000);

it('pods go on being followed, each line once, while Redis is away, cut off and back', async () => {
  await using cluster = await RealCluster.open();
  await using redis = await RealRedis.start({ appendOnly: true, settings: ['--appendfsync', 'always'] });
  await using api = await startClusterApi([cluster.namespace], { KUBIDU_REDIS_URL: redis.url });
  await cluster.apply(...steadyPods());
  await serviceKnown(api.url, 'steady');
  await using reader = new SdkReader({ url: api.url, stream: 'runtime:steady' });
  await goesOn(reader, 500);
  for (let kills = 0; kills < 3; kills++) {
    await redis.kill9();
    await eventually(async () => (await fetch(`${api.url}/readyz`)).status === 503, { timeoutMs: 10_000 });
    await redis.restart();
    await goesOn(reader, 500);
  }
  redis.freeze();
  await eventually(async () => (await fetch(`${api.url}/readyz`)).status === 503, { timeoutMs: 15_000 });
  redis.thaw();
  await goesOn(reader, 500);
  const written = await farewells(cluster, reader);
  expect(reader.verdict(written, { after: 0, ignore }).report).toMatch(/^complete/);
  expect(reader.entries.filter(({ event }) => event)).toHaveLength(9);
}, 120_000);

it('pods go on being followed when Redis comes back without its data, and no line comes twice', async () => {
  await using cluster = await RealCluster.open();
  await using redis = await RealRedis.start();
  await using api = await startClusterApi([cluster.namespace], { KUBIDU_REDIS_URL: redis.url });
  await cluster.apply(...steadyPods());
  await serviceKnown(api.url, 'steady');
  await using reader = new SdkReader({ url: api.url, stream: 'runtime:steady' });
  await goesOn(reader, 1_000);
  await redis.restart({ wipe: true });
  await goesOn(reader, 1_000);
  const written = await farewells(cluster, reader);
  expect(written).toHaveLength(3);
  const verdict = reader.verdict(written, { after: 0, ignore });
  expect({ repeats: verdict.repeats, report: verdict.report }).toMatchObject({ repeats: 0 });
  expect(verdict.report).toMatch(/^complete/);
}, 120_000);

it('collected on demand, a service is followed while somebody reads, and from the beginning', async () => {
  await using cluster = await RealCluster.open();
  await using api = await startClusterApi([cluster.namespace], { KUBIDU_COLLECT: 'on-demand' });
  const script = `${numberedLinesScript(5_000)}; sleep 60`;
  await cluster.apply(writerPod({ name: 'quiet', service: 'quiet', containers: [{ script }] }));
  await serviceKnown(api.url, 'quiet');
  await cluster.started('quiet');
  const http = new RawHttp(api.url);
  expect((await http.get<LogPage>('/api/services/quiet/logs')).lastIndex).toBe(0);
  await using reader = new SdkReader({ url: api.url, stream: 'runtime:quiet' });
  await eventually(() => reader.entries.length === 5_001, { timeoutMs: 30_000 });
  const written = [{ writer: 'quiet', podName: 'quiet', lines: 5_000 }];
  expect(judge(reader.entries, written, { after: 0 }).report).toMatch(/^complete/);
}, 60_000);
