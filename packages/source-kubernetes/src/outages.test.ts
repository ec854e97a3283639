import http from 'node:http';

import { expect, test } from '@jest/globals';
import { eventually, FakeKubelet, following, RecordingSink } from '@kubidu/testing';

import { KubernetesLogSource } from './kubernetes-log-source.ts';
import type { Timing } from './timing.ts';

async function open(kubelet: FakeKubelet, timing: Partial<Timing> = {}): Promise<KubernetesLogSource> {
  const agent = new http.Agent({ keepAlive: true });
  const credentials = () => Promise.resolve({ headers: {}, agent });
  const quick = { retryMs: 20, statusLagMs: 20, graceMs: 20, drainMs: 200, handoverMs: 500, ...timing };
  const access = { url: kubelet.url, credentials, [Symbol.dispose]: () => agent.destroy() };
  const source = KubernetesLogSource.with(access, { timing: quick });
  await source.start(() => undefined);
  return source;
}

const line = (second: number) => ({ time: `2026-01-01T00:00:0${second}.000000000Z`, message: `line ${second}` });
const told = (sink: RecordingSink) =>
  sink.entries.map(({ event, message, restart }) => `${restart}: ${event?.type ?? message}`);

test('a log that cannot be had while the container runtime is away is read when that is back', async () => {
  await using kubelet = await FakeKubelet.open();
  kubelet.write(line(1), line(2));
  kubelet.exit(0);
  kubelet.runtimeAway = true;
  await using source = await open(kubelet);
  const sink = new RecordingSink();
  await using _following = following(source, 'web', sink);
  await eventually(() => kubelet.refusals > 20);
  kubelet.runtimeAway = false;
  await eventually(() => sink.events('container-exited').length === 1);
  expect(told(sink)).toEqual(['0: container-started', '0: line 1', '0: line 2', '0: container-exited']);
});

test('a log that can never be had again is told as lost, once', async () => {
  await using kubelet = await FakeKubelet.open();
  kubelet.write(line(1));
  kubelet.exit(0);
  kubelet.runtimeAway = true;
  await using source = await open(kubelet, { refusedMs: 100 });
  const sink = new RecordingSink();
  await using _following = following(source, 'web', sink);
  await eventually(() => sink.events('container-exited').length === 1);
  expect(told(sink)).toEqual(['0: container-started', '0: lost', '0: container-exited']);
});

test('lines of the next instance are not taken for those of one that ended while the API server was away', async () => {
  await using kubelet = await FakeKubelet.open();
  await using source = await open(kubelet);
  const sink = new RecordingSink();
  await using _following = following(source, 'web', sink);
  kubelet.write(line(1), line(2));
  await eventually(() => sink.messages().length === 2);
  const comeBack = kubelet.goAway();
  const catchUp = kubelet.freezeStatus();
  kubelet.write(line(3));
  kubelet.restart(1);
  kubelet.write(line(4));
  kubelet.restart(1);
  kubelet.write(line(5), line(6));
  await eventually(() => kubelet.refusals > 5);
  const follows = kubelet.follows;
  comeBack();
  // It looks for its place, finds it nowhere, and the status still says that nothing happened.
  await eventually(() => kubelet.follows > follows);
  const looks = kubelet.looks;
  await eventually(() => kubelet.looks > looks + 10);
  expect(sink.messages()).toEqual(['line 1', 'line 2']);
  catchUp();
  await eventually(() => sink.messages().includes('line 6'));
  const messages = sink.entries.filter(({ event }) => !event).map(({ message, restart }) => `${restart}: ${message}`);
  expect(messages).toEqual(['0: line 1', '0: line 2', '1: line 4', '2: line 5', '2: line 6']);
  await eventually(() => sink.events('lost').length > 0);
  expect(sink.events('lost').map(({ restart }) => restart)).toEqual([0]);
});

test('a long line that was written over seconds does not keep the end of its container from being told', async () => {
  await using kubelet = await FakeKubelet.open();
  await using source = await open(kubelet, { refusedMs: 500 });
  const sink = new RecordingSink();
  await using _following = following(source, 'web', sink);
  kubelet.write({ ...line(1), rest: [line(2), line(3), line(4)] }, line(4));
  await eventually(() => sink.messages().length === 2);
  // What is read again begins in the midst of the first line, which has no stamp there.
  kubelet.exit(0);
  await eventually(() => sink.events('container-exited').length === 1);
  expect(told(sink)).toEqual([
    '0: container-started',
    '0: line 1line 2line 3line 4',
    '0: line 4',
    '0: container-exited',
  ]);
});
