import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  eventually,
  following,
  judge,
  numberedLinesScript,
  RealCluster,
  RecordingSink,
  writerPod,
} from '@kubidu/testing';

import { KubernetesLogSource } from './kubernetes-log-source.ts';

let cluster: RealCluster;

beforeAll(async () => {
  cluster = await RealCluster.open();
}, 60_000);

afterAll(() => cluster[Symbol.asyncDispose](), 60_000);

async function open(): Promise<KubernetesLogSource> {
  const source = await KubernetesLogSource.open({ mode: 'kubeconfig', namespaces: [cluster.namespace] });
  await source.start(() => undefined);
  return source;
}

test('the log of a container that has ended is read whole though containerd is killed meanwhile', async () => {
  const sink = new RecordingSink();
  await cluster.apply(
    writerPod({ name: 'ended', service: 'ended', containers: [{ script: numberedLinesScript(500) }] }),
  );
  await eventually(async () => (await cluster.pods('ended'))[0]?.phase === 'Succeeded', { timeoutMs: 60_000 });
  await using source = await open();
  const restarting = RealCluster.restart('containerd');
  await using _following = following(source, 'ended', sink);
  await restarting;
  await eventually(() => sink.events('container-exited').length === 1, { timeoutMs: 60_000 });
  expect(judge(sink.entries, [{ writer: 'ended', podName: 'ended', lines: 500 }]).report).toMatch(/^complete/);
  expect(sink.events('lost')).toEqual([]);
}, 180_000);

test('a container that crashes again and again while everything is killed repeats no line, and says what is lost', async () => {
  const sink = new RecordingSink();
  await using source = await open();
  await using _following = following(source, 'crashing', sink);
  const script = `${numberedLinesScript(1_000)}; sleep 2; ${numberedLinesScript(500, { from: 1_001 })}; exit 3`;
  const pod = { name: 'crashing', service: 'crashing', restartPolicy: 'Always' as const, containers: [{ script }] };
  await cluster.apply(writerPod(pod));
  await eventually(() => sink.messages().length >= 1_000, { timeoutMs: 60_000 });
  for (const component of ['kube-apiserver', 'kubelet', 'containerd'] as const) {
    await RealCluster.restart(component);
    // A kubelet that starts without its containerd ends.
    const healthz = () => cluster.kubectl('get', '--raw', '/api/v1/nodes/node-1/proxy/healthz');
    await eventually(healthz, { timeoutMs: 60_000, everyMs: 200 });
  }
  const exits = () => sink.events('container-exited').map(({ restart = 0 }) => restart);
  await eventually(() => Math.max(...exits()) >= 2, { timeoutMs: 120_000, everyMs: 200 });
  const last = Math.max(...exits());
  const written = Array.from({ length: last + 1 }, (_, restart) => {
    return { writer: 'crashing', podName: 'crashing', restart, lines: 1_500 };
  });
  const verdict = judge(
    sink.entries.filter(({ restart = 0 }) => restart <= last),
    written,
  );
  expect(verdict).toMatchObject({ honest: true, repeats: 0 });
}, 300_000);
