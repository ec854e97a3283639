import { writeFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  eventually,
  farewellOf,
  FaultProxy,
  following,
  judge,
  RealCluster,
  RecordingSink,
  seededRandom,
  steadyWriterScript,
  writerPod,
} from '@kubidu/testing';

import { KubernetesLogSource } from './kubernetes-log-source.ts';
import type { Timing } from './timing.ts';

const PODS = ['steady-1', 'steady-2', 'steady-3'];

let cluster: RealCluster;
let sink: RecordingSink;

beforeAll(async () => {
  cluster = await RealCluster.open();
}, 60_000);

afterAll(() => cluster[Symbol.asyncDispose](), 60_000);

beforeEach(async () => {
  sink = new RecordingSink();
  const containers = [{ script: steadyWriterScript({ linesPerRound: 20, pauseSeconds: 0.02 }) }];
  await cluster.apply(...PODS.map((name) => writerPod({ name, service: 'steady', containers })));
  await Promise.all(PODS.map((name) => cluster.started(name)));
}, 60_000);

afterEach(() => cluster.kubectl('delete', 'pods', '--all', '--force', '--grace-period=0'), 60_000);

/** A source of this file's namespace, started. */
async function open(timing: Partial<Timing> = {}, kubeconfig?: string): Promise<KubernetesLogSource> {
  const source = await KubernetesLogSource.open({
    mode: 'kubeconfig',
    namespaces: [cluster.namespace],
    timing,
    ...(kubeconfig !== undefined && { kubeconfig }),
  });
  await source.start(() => undefined);
  return source;
}

/** How many lines came of each pod. */
const counts = () => PODS.map((name) => sink.entries.filter(({ podName, event }) => podName === name && !event).length);

/** Resolves when each pod has brought so many lines more. */
async function goOn(lines: number): Promise<void> {
  const before = counts();
  await eventually(() => counts().every((count, at) => count >= (before[at] ?? 0) + lines), { timeoutMs: 60_000 });
}

/** Ends the pods and checks that everything they wrote came, once and in order. */
async function expectComplete(): Promise<void> {
  for (const name of PODS) await cluster.deletePod(name);
  const byes = () => sink.entries.filter(({ message }) => farewellOf(message) !== undefined);
  await eventually(() => sink.events('pod-deleted').length === PODS.length, { timeoutMs: 60_000 });
  const written = byes().map(({ message, podName = '' }) => ({
    writer: podName,
    podName,
    lines: farewellOf(message) ?? 0,
  }));
  expect(written).toHaveLength(PODS.length);
  const verdict = judge(sink.entries, written, { ignore: (message) => farewellOf(message) !== undefined });
  expect(verdict.report).toMatch(/^complete/);
  expect(sink.events('lost')).toEqual([]);
  expect(sink.events('container-exited')).toHaveLength(PODS.length);
  expect(sink.events('container-started')).toHaveLength(PODS.length);
}

test.each([{ component: 'kube-apiserver' }, { component: 'kubelet' }, { component: 'containerd' }] as const)(
  'every line arrives through kill -9 of the $component',
  async ({ component }) => {
    await using source = await open();
    await using _following = following(source, 'steady', sink);
    await goOn(100);
    await RealCluster.restart(component);
    await goOn(500);
    await expectComplete();
  },
  180_000,
);

/** A kubeconfig whose server is a proxy in front of the real one. */
async function through(proxy: FaultProxy): Promise<{ readonly path: string } & AsyncDisposable> {
  const { host, kubeconfig } = await RealCluster.server();
  const file = path.join(tmpdir(), `kubeconfig-${proxy.port}`);
  const server = `server: "https://127.0.0.1:${proxy.port}", tls-server-name: "${host}"`;
  await writeFile(file, kubeconfig.replace(/server: "[^"]+"/, server), { mode: 0o600 });
  return { path: file, [Symbol.asyncDispose]: () => rm(file) };
}

test('every line arrives through 50 resets of the connections at random', async () => {
  const seed = Date.now() % 1_000_000;
  const random = seededRandom(seed);
  const { host, port } = await RealCluster.server();
  await using proxy = await FaultProxy.open({ host, port });
  await using config = await through(proxy);
  await using source = await open({}, config.path);
  await using _following = following(source, 'steady', sink);
  await goOn(100);
  for (let reset = 0; reset < 50; reset++) {
    await goOn(Math.floor(random() * 60));
    proxy.resetAll();
  }
  await goOn(100);
  await expectComplete();
}, 180_000);

test('a connection that goes silent without a reset is noticed and left', async () => {
  const { host, port } = await RealCluster.server();
  await using proxy = await FaultProxy.open({ host, port });
  await using config = await through(proxy);
  await using source = await open({ probeMs: 500, graceMs: 500, watchMs: 3_000, headMs: 2_000 }, config.path);
  await using _following = following(source, 'steady', sink);
  await goOn(100);
  proxy.stallAll();
  await goOn(500);
  await expectComplete();
}, 120_000);

test('streams that are renewed all the time lose and repeat nothing', async () => {
  await using source = await open({ renewMs: 50 });
  await using _following = following(source, 'steady', sink);
  await goOn(3_000);
  await expectComplete();
}, 120_000);

test('a second life goes on where the first was stopped, even in the middle', async () => {
  for (let life = 0; life < 10; life++) {
    await using source = await open();
    await using _following = following(source, 'steady', sink);
    await goOn(20);
  }
  await using source = await open();
  await using _following = following(source, 'steady', sink);
  await goOn(100);
  await expectComplete();
}, 120_000);
