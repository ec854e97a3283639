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

/** How long pods write: several rotations of each log. */
const SECONDS = process.env['KUBIDU_TEST_LONG'] === undefined ? { steady: 12, storm: 8 } : { steady: 30, storm: 20 };

let cluster: RealCluster;
let rotating: AsyncDisposable;

beforeAll(async () => {
  rotating = await RealCluster.rotatingAt('200Ki');
  cluster = await RealCluster.open();
}, 90_000);

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await rotating[Symbol.asyncDispose]();
}, 90_000);

async function open(): Promise<KubernetesLogSource> {
  const source = await KubernetesLogSource.open({ mode: 'kubeconfig', namespaces: [cluster.namespace] });
  await source.start(() => undefined);
  return source;
}

/** Three pods that write at a pace, from their start to their end; what came of them. */
async function write(service: string, perSecond: number, seconds: number): Promise<RecordingSink> {
  await using source = await open();
  const sink = new RecordingSink();
  await using _following = following(source, service, sink);
  const script = numberedLinesScript(perSecond * seconds, { perSecond: perSecond / 20 }).replace(
    'sleep 1',
    'sleep 0.05',
  );
  const names = [1, 2, 3].map((n) => `${service}-${n}`);
  await cluster.apply(...names.map((name) => writerPod({ name, service, containers: [{ script }] })));
  await eventually(() => sink.events('container-exited').length === names.length, {
    timeoutMs: (seconds * 2 + 60) * 1_000,
  });
  return sink;
}

const judged = (sink: RecordingSink, service: string, lines: number) =>
  judge(
    sink.entries,
    [1, 2, 3].map((n) => ({ writer: `${service}-${n}`, podName: `${service}-${n}`, lines })),
  );

test('a follower of pods that write 2,000 lines a second loses none while their logs are rotated', async () => {
  const sink = await write('steady', 2_000, SECONDS.steady);
  expect(judged(sink, 'steady', 2_000 * SECONDS.steady).report).toMatch(/^complete/);
  expect(sink.events('lost')).toEqual([]);
}, 180_000);

test('in a storm of 6,000 lines a second no line comes twice, and what is lost is said to be', async () => {
  const sink = await write('storm', 6_000, SECONDS.storm);
  const verdict = judged(sink, 'storm', 6_000 * SECONDS.storm);
  expect(verdict.repeats).toBe(0);
  expect(verdict.honest ? '' : verdict.report).toBe('');
}, 180_000);

test('who attaches after a rotation is told that there was more', async () => {
  const script = `${numberedLinesScript(60_000, { perSecond: 10_000 })}; sleep 8; echo end; sleep 60`;
  await cluster.apply(writerPod({ name: 'early', service: 'early', containers: [{ script }] }));
  await cluster.started('early');
  const files = `/api/v1/nodes/node-1/proxy/logs/pods/${cluster.namespace}_early_${(await cluster.pods('early'))[0]?.uid}/app/`;
  await eventually(async () => (await cluster.kubectl('get', '--raw', files)).includes('0.log.'), {
    timeoutMs: 30_000,
    everyMs: 200,
  });
  await using source = await open();
  const sink = new RecordingSink();
  await using _following = following(source, 'early', sink);
  await eventually(() => sink.messages().some((message) => message === 'end'), { timeoutMs: 60_000 });
  const verdict = judge(sink.entries, [{ writer: 'early', podName: 'early', lines: 60_000 }], {
    ignore: (message) => message === 'end',
  });
  expect(verdict.honest ? '' : verdict.report).toBe('');
  expect(sink.events('lost').map(({ event }) => event.reason)).toContain('before-attach');
}, 120_000);
