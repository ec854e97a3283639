import http from 'node:http';

import { expect, test } from '@jest/globals';
import {
  eventually,
  FakeKubelet,
  following,
  judge,
  numberedLine,
  RecordingSink,
  seededRandom,
  writerNumber,
} from '@kubidu/testing';
import type { FakeLine, StreamFault } from '@kubidu/testing';

import { KubernetesLogSource } from './kubernetes-log-source.ts';
import type { Timing } from './timing.ts';

const quick: Partial<Timing> = {
  retryMs: 20,
  statusLagMs: 20,
  graceMs: 20,
  probeMs: 60,
  drainMs: 200,
  handoverMs: 200,
};

function open(kubelet: FakeKubelet, timing: Partial<Timing> = {}): KubernetesLogSource {
  const agent = new http.Agent({ keepAlive: true });
  return KubernetesLogSource.with(
    {
      url: kubelet.url,
      credentials: () => Promise.resolve({ headers: {}, agent }),
      [Symbol.dispose]: () => agent.destroy(),
    },
    { timing: { ...quick, ...timing } },
  );
}

const WRITER = writerNumber('fake');
const line = (seq: number, ns: number): FakeLine => {
  const seconds = Math.floor(ns / 1e9);
  const fraction = String(ns % 1e9).padStart(9, '0');
  return {
    time: `${new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString().slice(0, 19)}.${fraction}Z`,
    message: numberedLine(seq, WRITER, 0, 0),
  };
};
const lineCount = (sink: RecordingSink) => sink.messages().length;

/** Writes `count` lines in pieces, at the times that `step` makes; resolves when all have come, and the container has ended. */
async function followThrough(
  kubelet: FakeKubelet,
  count: number,
  step: (seq: number) => number,
  timing?: Partial<Timing>,
): Promise<RecordingSink> {
  const sink = new RecordingSink();
  await using source = open(kubelet, timing);
  await source.start(() => undefined);
  await using _following = following(source, 'web', sink);
  let ns = 5e9;
  for (let seq = 1; seq <= count; seq++) {
    ns += step(seq);
    kubelet.write(line(seq, ns));
    if (seq % 50 === 0) await eventually(() => lineCount(sink) >= seq, { everyMs: 2 });
  }
  kubelet.exit(0);
  await eventually(() => sink.events('container-exited').length === 1, { everyMs: 2 });
  return sink;
}

const complete = (sink: RecordingSink, lines: number) => {
  expect(judge(sink.entries, [{ writer: 'fake', lines }]).report).toMatch(/^complete/);
  expect(sink.events('lost')).toEqual([]);
};

test.each<{ how: StreamFault['how'] }>([{ how: 'reset' }, { how: 'eof' }, { how: 'silent' }, { how: 'text' }])(
  'a burst at one nanosecond arrives once each, cut by $how at every point',
  async ({ how }) => {
    await using kubelet = await FakeKubelet.open();
    for (let at = 0; at < 60; at++) kubelet.faults.push({ afterBytes: at * 17, how });
    complete(await followThrough(kubelet, 100, (seq) => (seq % 25 === 0 ? 3e8 : 0)), 100);
  },
);

test.each([
  { what: 'nanoseconds apart', step: () => 1 },
  { what: 'a second apart', step: () => 1e9 },
  { what: 'ten seconds apart', step: () => 1e10 },
  { what: 'stamped in two places, swapped now and then', step: (seq: number) => (seq % 3 === 0 ? -900 : 1_000) },
  { what: 'swapped across a second', step: (seq: number) => (seq % 2 === 0 ? -4e8 : 5e8) },
  { what: 'by a clock that is set back a minute now and then', step: (seq: number) => (seq % 40 === 0 ? -4e9 : 1e8) },
])('lines $what arrive once each through resets', async ({ step }) => {
  await using kubelet = await FakeKubelet.open();
  for (let at = 1; at < 40; at++) kubelet.faults.push({ afterBytes: at * 43, how: 'reset' });
  complete(await followThrough(kubelet, 200, step), 200);
});

test('the kubelet’s own words are never taken for a line', async () => {
  await using kubelet = await FakeKubelet.open();
  for (let at = 0; at < 10; at++) kubelet.faults.push({ afterBytes: at * 100, how: 'text' });
  const sink = await followThrough(kubelet, 100, () => 1e6);
  complete(sink, 100);
  expect(sink.messages().join('\n')).not.toContain('fsnotify');
});

test('lines sent again after the kubelet opened a file twice are not taken twice', async () => {
  await using kubelet = await FakeKubelet.open();
  const sink = new RecordingSink();
  await using source = open(kubelet);
  await source.start(() => undefined);
  await using _following = following(source, 'web', sink);
  for (let seq = 1; seq <= 400; seq++) {
    kubelet.write(line(seq, 5e9 + seq * 1e6));
    if (seq % 20 === 0) await eventually(() => lineCount(sink) === seq, { everyMs: 2 });
    if (seq % 100 === 0) kubelet.rotate();
    if (seq % 70 === 0) kubelet.overtake();
  }
  kubelet.exit(0);
  await eventually(() => sink.events('container-exited').length === 1);
  complete(sink, 400);
});

test('lines rotated away while nobody was attached are told as lost, once', async () => {
  await using kubelet = await FakeKubelet.open();
  const sink = new RecordingSink();
  {
    await using source = open(kubelet);
    await source.start(() => undefined);
    await using _following = following(source, 'web', sink);
    for (let seq = 1; seq <= 100; seq++) kubelet.write(line(seq, 5e9 + seq * 1e7));
    await eventually(() => lineCount(sink) === 100);
  }
  for (let seq = 101; seq <= 200; seq++) kubelet.write(line(seq, 5e9 + seq * 1e7));
  kubelet.rotate();
  for (let seq = 201; seq <= 300; seq++) kubelet.write(line(seq, 5e9 + seq * 1e7));
  await using source = open(kubelet);
  await source.start(() => undefined);
  await using _following = following(source, 'web', sink);
  await eventually(() => lineCount(sink) === 200);
  kubelet.exit(1);
  await eventually(() => sink.events('container-exited').length === 1);
  const verdict = judge(sink.entries, [{ writer: 'fake', podName: 'pod', lines: 300 }]);
  expect(verdict).toMatchObject({ honest: true, repeats: 0, lost: [{ from: 101, to: 200 }] });
  expect(sink.events('lost').map(({ event }) => event)).toEqual([
    { type: 'lost', reason: 'rotated', podName: 'pod', container: 'app' },
  ]);
});

const SEEDS = Number(process.env['SEEDS'] ?? (process.env['KUBIDU_TEST_LONG'] === undefined ? 10 : 60));

test(
  'whatever happens, no line comes twice, and none is missing but those said to be lost',
  async () => {
    const first = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
    for (let seed = first; seed < first + SEEDS; seed++) {
      const random = seededRandom(seed);
      const hows = ['reset', 'eof', 'silent', 'text'] as const;
      await using kubelet = await FakeKubelet.open();
      const sink = new RecordingSink();
      let ns = 5e9;
      let seq = 0;
      const steps = [0, 0, 1, 1_000, 1e6, 1e6, 5e7, 1.5e9, -700, -3_000];
      for (let life = 0; life < 4; life++) {
        await using source = open(kubelet);
        await source.start(() => undefined);
        await using _following = following(source, 'web', sink);
        for (let round = 0; round < 12; round++) {
          const how = hows[Math.floor(random() * 4)] ?? 'reset';
          if (random() < 0.5) kubelet.faults.push({ afterBytes: Math.floor(random() * 3_000), how });
          const lines = Math.floor(random() * 60);
          for (let n = 0; n < lines; n++)
            kubelet.write(line(++seq, (ns += steps[Math.floor(random() * steps.length)] ?? 0)));
          const all = () => sink.messages().at(-1)?.startsWith(`${seq}|`) ?? seq === 0;
          const settled = random() < 0.5;
          // Those rotated away at the end never come.
          if (settled) await eventually(all, { everyMs: 1, timeoutMs: 200 }).catch(() => undefined);
          // A whole file is skipped only where a pause shows it; a file that is sent again may be of any size.
          if (settled && random() < 0.2) kubelet.overtake();
          // The first lines must have been seen: nobody can know that a log once began earlier.
          if (random() < 0.1 && sink.messages().length > 0) kubelet.rotate();
        }
      }
      await using source = open(kubelet);
      await source.start(() => undefined);
      await using _following = following(source, 'web', sink);
      kubelet.exit(0);
      await eventually(() => sink.events('container-exited').length === 1).catch((error: unknown) => {
        throw new Error(`seed ${seed}`, { cause: error });
      });
      const verdict = judge(sink.entries, [{ writer: 'fake', podName: 'pod', lines: seq }]);
      if (!verdict.honest || verdict.repeats > 0) throw new Error(`seed ${seed}: ${verdict.report}`);
    }
  },
  30_000 + SEEDS * 5_000,
);
