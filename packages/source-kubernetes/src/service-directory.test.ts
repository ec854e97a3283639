import http from 'node:http';

import { expect, test } from '@jest/globals';
import { eventually, FakeKubelet, following, RecordingSink } from '@kubidu/testing';

import { KubernetesLogSource } from './kubernetes-log-source.ts';
import type { Timing } from './timing.ts';

function openFake(kubelet: FakeKubelet, timing: Partial<Timing> = {}): KubernetesLogSource {
  const agent = new http.Agent({ keepAlive: true });
  const credentials = () => Promise.resolve({ headers: {}, agent });
  const access = { url: kubelet.url, credentials, [Symbol.dispose]: () => agent.destroy() };
  return KubernetesLogSource.with(access, {
    timing: { retryMs: 20, graceMs: 20, statusLagMs: 20, drainMs: 100, ...timing },
  });
}

test('a watch that expired is begun anew with a list', async () => {
  await using kubelet = await FakeKubelet.open();
  kubelet.expiredWatches = 3;
  await using source = openFake(kubelet);
  await source.start(() => undefined);
  await eventually(() => kubelet.expiredWatches === 0);
  kubelet.exit(4);
  await eventually(() => source.services()[0]?.pods[0]?.state === 'terminated');
});

test('what a watch misses is found by comparing with a list', async () => {
  await using kubelet = await FakeKubelet.open();
  await using source = openFake(kubelet, { reconcileMs: 50 });
  await source.start(() => undefined);
  kubelet.muteWatches = true;
  kubelet.deletePod();
  await eventually(() => source.services().length === 0);
});

test('a watch that fell silent is taken up again', async () => {
  await using kubelet = await FakeKubelet.open();
  await using source = openFake(kubelet, { watchMs: 300, reconcileMs: 600_000 });
  await source.start(() => undefined);
  kubelet.muteWatches = true;
  kubelet.exit(1);
  kubelet.muteWatches = false;
  await eventually(() => source.services()[0]?.pods[0]?.state === 'terminated', { timeoutMs: 10_000 });
});

test('a cluster that is away at the start is reported, and found once it is there', async () => {
  const kubelet = await FakeKubelet.open();
  await using source = openFake(kubelet);
  await kubelet[Symbol.asyncDispose]();
  await source.start(() => undefined);
  expect(source.health()).toMatchObject({ ok: false });
});

test('a sink that takes no more ends the following with its error', async () => {
  await using kubelet = await FakeKubelet.open();
  await using source = openFake(kubelet);
  await source.start(() => undefined);
  const sink = new RecordingSink();
  const follow = following(source, 'web', sink);
  await eventually(() => sink.events('container-started').length === 1);
  sink.fail();
  kubelet.write({ time: '2026-01-01T00:00:01.000000000Z', message: 'more' });
  await expect(follow.done).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(source.stats().followedPods).toBe(0);
});

test('nothing is left of a follow that was ended', async () => {
  await using kubelet = await FakeKubelet.open();
  await using source = openFake(kubelet);
  await source.start(() => undefined);
  const sink = new RecordingSink();
  {
    await using _following = following(source, 'web', sink);
    await eventually(() => kubelet.follows > 0);
  }
  expect(source.stats()).toEqual({ foreignPods: 0, followedPods: 0, unparsedBytes: 0 });
});

test('a pod that went while nobody followed is told as deleted, its unread rest as lost, and then forgotten', async () => {
  await using kubelet = await FakeKubelet.open();
  const sink = new RecordingSink();
  {
    await using source = openFake(kubelet);
    await source.start(() => undefined);
    await using _following = following(source, 'web', sink);
    kubelet.write({ time: '2026-01-01T00:00:01.000000000Z', message: 'first' });
    await eventually(() => sink.messages().length === 1);
  }
  kubelet.write({ time: '2026-01-01T00:00:02.000000000Z', message: 'unread' });
  kubelet.deletePod();
  for (let life = 0; life < 2; life++) {
    await using source = openFake(kubelet);
    await source.start(() => undefined);
    await using _following = following(source, 'web', sink);
    await eventually(() => sink.events('pod-deleted').length === 1 && sink.known().join() === 'pod-uid');
  }
  expect(sink.entries.map(({ event, message }) => event?.type ?? message)).toEqual([
    'container-started',
    'first',
    'lost',
    'pod-deleted',
  ]);
});

test('a pod that is deleted while it is followed leaves none of its containers’ cursors', async () => {
  await using kubelet = await FakeKubelet.open();
  await using source = openFake(kubelet);
  await source.start(() => undefined);
  const sink = new RecordingSink();
  await using _following = following(source, 'web', sink);
  await eventually(() => sink.known().length === 1);
  kubelet.exit(0);
  await eventually(() => sink.events('container-exited').length === 1);
  kubelet.deletePod();
  await eventually(() => sink.events('pod-deleted').length === 1 && sink.known().join() === 'pod-uid');
});
