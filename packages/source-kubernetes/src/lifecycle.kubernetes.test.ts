import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  eventually,
  farewellOf,
  following,
  judge,
  numberedLinesScript,
  RealCluster,
  RecordingSink,
  steadyWriterScript,
  writerDeployment,
  writerPod,
} from '@kubidu/testing';
import type { Written } from '@kubidu/testing';

import { KubernetesLogSource } from './kubernetes-log-source.ts';

let cluster: RealCluster;
let source: KubernetesLogSource;

beforeAll(async () => {
  cluster = await RealCluster.open({ 'kubidu.io/tenant-id': 'acme' });
  source = await KubernetesLogSource.open({ mode: 'kubeconfig', namespaces: [cluster.namespace] });
  await source.start(() => undefined);
}, 60_000);

afterAll(async () => {
  await source[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
}, 60_000);

/** What each pod said at its end to have written. */
function farewells(sink: RecordingSink): Written[] {
  return sink.entries.flatMap(({ message, podName = '' }) => {
    const lines = farewellOf(message);
    return lines === undefined ? [] : [{ writer: podName, podName, lines }];
  });
}

const ignore = (message: string) => farewellOf(message) !== undefined;
const deleted = (sink: RecordingSink) => sink.events('pod-deleted').map(({ podName }) => podName);

test('a rollout and scaling from 1 to 5 to 2 lose no line of any pod, up to its last one', async () => {
  const sink = new RecordingSink();
  await using _following = following(source, 'rolling', sink);
  const deployment = (replicas: number) =>
    writerDeployment({ name: 'rolling', service: 'rolling', replicas, containers: [{ script: steadyWriterScript() }] });
  const running = (count: number) =>
    eventually(() => sink.writing.filter(({ state }) => state === 'running').length === count, { timeoutMs: 60_000 });
  await cluster.apply(deployment(1));
  await running(1);
  await cluster.kubectl('scale', 'deployment', 'rolling', '--replicas=5');
  await running(5);
  await cluster.kubectl('scale', 'deployment', 'rolling', '--replicas=2');
  await eventually(() => deleted(sink).length === 3, { timeoutMs: 60_000 });
  await cluster.kubectl('rollout', 'restart', 'deployment', 'rolling');
  await cluster.kubectl('rollout', 'status', 'deployment', 'rolling');
  await eventually(() => deleted(sink).length === 5, { timeoutMs: 60_000 });
  await cluster.kubectl('delete', 'deployment', 'rolling', '--wait=false');
  await eventually(() => deleted(sink).length === 7, { timeoutMs: 60_000 });
  const written = farewells(sink);
  expect(written).toHaveLength(7);
  // Of each only that it was deleted.
  expect(sink.known()).toHaveLength(7);
  expect(judge(sink.entries, written, { ignore }).report).toMatch(/^complete/);
  expect(sink.events('lost')).toEqual([]);
  expect(sink.events('container-exited').map(({ event }) => event.exitCode)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  // Nothing of a pod comes after its deletion.
  for (const podName of deleted(sink))
    expect(sink.entries.findLast((entry) => entry.podName === podName)?.event?.type).toBe('pod-deleted');
}, 240_000);

test('each instance of a container that exits again and again is read to its end before the next', async () => {
  const sink = new RecordingSink();
  await using _following = following(source, 'crashing', sink);
  const script = `${numberedLinesScript(1_000)}; sleep 2; ${numberedLinesScript(500, { from: 1_001 })}; exit 3`;
  await cluster.apply(
    writerPod({ name: 'crashing', service: 'crashing', restartPolicy: 'Always', containers: [{ script }] }),
  );
  await eventually(() => sink.events('container-exited').length === 3, { timeoutMs: 90_000 });
  const instances = [0, 1, 2];
  const written = instances.map((restart) => ({ writer: 'crashing', podName: 'crashing', restart, lines: 1_500 }));
  const finished = sink.entries.filter(({ restart = 0 }) => restart < 3);
  expect(judge(finished, written).report).toMatch(/^complete/);
  const events = finished.flatMap(({ event, restart }) => (event ? [`${event.type} ${restart}`] : []));
  expect(events).toEqual(
    instances.flatMap((restart) => [`container-started ${restart}`, `container-exited ${restart}`]),
  );
  expect(sink.events('container-exited').map(({ event }) => [event.exitCode, event.reason])).toEqual(
    instances.map(() => [3, 'Error']),
  );
  expect(sink.known().length).toBeLessThanOrEqual(2);
}, 120_000);

test('a container that is killed for its memory says so after its last line', async () => {
  const sink = new RecordingSink();
  await using _following = following(source, 'greedy', sink);
  const script = `${numberedLinesScript(2_000)}; exec tail /dev/zero`;
  await cluster.apply(writerPod({ name: 'greedy', service: 'greedy', containers: [{ script, memory: '24Mi' }] }));
  await eventually(() => sink.events('container-exited').length === 1, { timeoutMs: 60_000 });
  const [exit] = sink.events('container-exited');
  expect(exit?.event).toMatchObject({ exitCode: 137, reason: 'OOMKilled', restart: 0 });
  expect(judge(sink.entries, [{ writer: 'greedy', podName: 'greedy', lines: 2_000 }]).report).toMatch(/^complete/);
}, 90_000);

test('init, second and ephemeral containers are followed like any other', async () => {
  const sink = new RecordingSink();
  await using _following = following(source, 'many', sink);
  const numbered = (name: string) => numberedLinesScript(300, { writer: name });
  await cluster.apply(
    writerPod({
      name: 'many',
      service: 'many',
      initContainers: [{ name: 'setup', script: numbered('setup') }],
      containers: [
        { name: 'app', script: `${numbered('app')}; sleep 8` },
        { name: 'proxy', script: `${numbered('proxy')}; sleep 8` },
      ],
    }),
  );
  await cluster.started('many');
  await cluster.kubectl(
    'debug',
    'many',
    '--image=kubidu.test/busybox:1',
    '--image-pull-policy=Never',
    '--container=look',
    '--',
    'sh',
    '-c',
    numbered('look'),
  );
  await eventually(() => sink.events('container-exited').length === 4, { timeoutMs: 60_000 });
  const written = ['setup', 'app', 'proxy', 'look'].map((name) => ({ writer: name, container: name, lines: 300 }));
  expect(judge(sink.entries, written).report).toMatch(/^complete/);
}, 90_000);

test('lines of the last moment before a deletion are there, also of a pod deleted by force', async () => {
  const sink = new RecordingSink();
  await using _following = following(source, 'leaving', sink);
  const script = `trap '${numberedLinesScript(3_000).replaceAll("'", `'"'"'`)}; exit 0' TERM; echo ready; while :; do sleep 0.1; done`;
  await cluster.apply(
    ...['polite', 'forced'].map((name) => writerPod({ name, service: 'leaving', containers: [{ script }] })),
  );
  await eventually(() => sink.messages().filter((message) => message === 'ready').length === 2, { timeoutMs: 60_000 });
  await cluster.deletePod('polite');
  await cluster.deletePod('forced', '--force', '--grace-period=0');
  await eventually(() => deleted(sink).length === 2, { timeoutMs: 60_000 });
  const written = ['polite', 'forced'].map((podName) => ({ writer: podName, podName, lines: 3_000 }));
  expect(judge(sink.entries, written, { ignore: (message) => message === 'ready' }).report).toMatch(/^complete/);
}, 90_000);

test('lines of any kind arrive as they were written', async () => {
  const sink = new RecordingSink();
  await using _following = following(source, 'odd', sink);
  const script = [
    `head -c 20000 /dev/zero | tr '\\0' a; echo`,
    `head -c 10000000 /dev/zero | tr '\\0' b; echo`,
    `printf 'nul \\0 in it\\n'`,
    `printf 'invalid \\377 byte\\n'`,
    `printf 'carriage return\\r\\n'`,
    `printf '10%%\\r100%%\\n'`,
    `printf '\\033[31mred\\033[0m\\n'`,
    `echo`,
    `printf 'no end'`,
  ].join('; sleep 0.02; ');
  await cluster.apply(writerPod({ name: 'odd', service: 'odd', containers: [{ script }] }));
  const told = () => sink.entries.map(({ event, message }) => event?.type ?? message.slice(0, 20));
  await eventually(() => expect(told()).toContain('container-exited'), { timeoutMs: 60_000 });
  const lines = sink.entries.filter(({ event }) => !event);
  expect(lines.map(({ message }) => (message.length > 100 ? message.length : message))).toEqual([
    20_000,
    256 * 1024,
    'nul \0 in it',
    'invalid \ufffd byte',
    'carriage return',
    '10%\r100%',
    '\u001b[31mred\u001b[0m',
    '',
    'no end',
  ]);
  expect(lines.map(({ truncated }) => truncated).filter(Boolean)).toEqual([10_000_000 - 256 * 1024]);
}, 90_000);

test('a long line that is written over seconds is one line, and the end of its container is told without delay', async () => {
  const sink = new RecordingSink();
  await using _following = following(source, 'slow', sink);
  const piece = `head -c 20000 /dev/zero | tr '\\0' a`;
  // Its first piece is stamped two seconds before its last, wherever these begin.
  const script = `${piece}; sleep 1.5; ${piece}; sleep 1.5; ${piece}; sleep 1.5; ${piece}; echo; echo after`;
  await cluster.apply(writerPod({ name: 'slow', service: 'slow', containers: [{ script }] }));
  await eventually(() => sink.messages().includes('after'), { timeoutMs: 60_000 });
  await eventually(() => sink.events('container-exited').length === 1, { timeoutMs: 20_000 });
  const told = sink.entries.map(
    ({ event, message }) => event?.type ?? (message === 'after' ? message : message.length),
  );
  expect(told).toEqual(['container-started', 80_000, 'after', 'container-exited']);
}, 90_000);

test('services are known by their tenants, their pods and the containers of these', async () => {
  await cluster.apply(writerPod({ name: 'known', service: 'known', containers: [{ script: 'sleep 60' }] }));
  const service = await eventually(
    () =>
      source.services().find(({ serviceId, pods }) => serviceId === 'known' && pods[0]?.state === 'running') ?? false,
    { timeoutMs: 30_000 },
  );
  expect(service).toEqual({
    serviceId: 'known',
    tenant: 'acme',
    pods: [{ podName: 'known', container: 'app', state: 'running', restart: 0 }],
  });
  expect(source.health()).toEqual({ ok: true });
}, 60_000);
