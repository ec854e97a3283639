import http from 'node:http';

import { expect, test } from '@jest/globals';
import { eventually, FakeKubelet, following, RecordingSink } from '@kubidu/testing';

import { encodeCursor } from './cursor.ts';
import { isToldDeleted, tellDeparted } from './departed-pods.ts';
import { KubernetesLogSource } from './kubernetes-log-source.ts';
import { Track } from './position.ts';

/** @param reconcileMs how soon it finds what its watch does not tell */
async function open(kubelet: FakeKubelet, reconcileMs = 60_000): Promise<KubernetesLogSource> {
  const agent = new http.Agent({ keepAlive: true });
  const credentials = () => Promise.resolve({ headers: {}, agent });
  const timing = { retryMs: 20, statusLagMs: 20, graceMs: 20, drainMs: 200, handoverMs: 500, reconcileMs };
  const access = { url: kubelet.url, credentials, [Symbol.dispose]: () => agent.destroy() };
  const source = KubernetesLogSource.with(access, { timing });
  await source.start(() => undefined);
  return source;
}

/** The container writes its next line; each is numbered. */
function writer(kubelet: FakeKubelet): () => string {
  let lines = 0;
  return () => {
    const message = `line ${++lines}`;
    kubelet.write({ time: `2026-01-01T00:00:${String(lines).padStart(2, '0')}.000000000Z`, message });
    return message;
  };
}

const told = (sink: RecordingSink) =>
  sink.entries.map(
    ({ event, message, restart }) => `${event?.type ?? message}${event && restart !== undefined ? ` ${restart}` : ''}`,
  );

test('a container that crashes again and again leaves the cursors of its latest two instances', async () => {
  await using kubelet = await FakeKubelet.open();
  await using source = await open(kubelet);
  const sink = new RecordingSink();
  await using _following = following(source, 'web', sink);
  const write = writer(kubelet);
  const written: string[] = [];
  for (let restart = 0; restart < 10; restart++) {
    written.push(write());
    await eventually(() => sink.messages().length === written.length && sink.known().length <= 2);
    kubelet.restart(1);
  }
  await eventually(() => sink.events('container-started').length === 11);
  expect(sink.messages()).toEqual(written);
  expect(sink.events('lost')).toEqual([]);
  expect(sink.known()).toEqual(['pod-uid/app/9', 'pod-uid/app/10']);
});

test('a container that crashes, followed now and then, leaves as few, and each time says what is lost', async () => {
  await using kubelet = await FakeKubelet.open();
  const sink = new RecordingSink();
  const write = writer(kubelet);
  for (let round = 0; round < 5; round++) {
    await using source = await open(kubelet);
    await using _following = following(source, 'web', sink);
    const line = write();
    await eventually(() => sink.messages().at(-1) === line);
    expect(sink.known().length).toBeLessThanOrEqual(2);
    await _following[Symbol.asyncDispose]();
    for (let missed = 0; missed < 3; missed++) {
      write();
      kubelet.restart(1);
    }
  }
  // Of three instances that came and went the last can be read; in each gap the first one's rest and the second are lost.
  expect(told(sink).slice(0, 8)).toEqual([
    'container-started 0',
    'line 1',
    'lost 0',
    'lost 2',
    'container-started 2',
    'line 4',
    'container-exited 2',
    'container-started 3',
  ]);
  expect(sink.events('lost')).toHaveLength(8);
});

test('the rest of an instance whose log is gone is told as lost, once', async () => {
  await using kubelet = await FakeKubelet.open();
  const sink = new RecordingSink();
  const write = writer(kubelet);
  {
    await using source = await open(kubelet);
    await using _following = following(source, 'web', sink);
    write();
    await eventually(() => sink.messages().length === 1);
  }
  write();
  kubelet.restart(1);
  kubelet.restart(1);
  for (let life = 0; life < 2; life++) {
    await using source = await open(kubelet);
    await using _following = following(source, 'web', sink);
    await eventually(() => sink.events('container-started').length === 3 && sink.known().length === 2);
  }
  expect(sink.events('lost')).toHaveLength(1);
  expect(sink.events('lost')[0]).toMatchObject({ restart: 0, podName: 'pod', container: 'app' });
});

test('a replica whose watch lags reads no instance again that another has read and forgotten', async () => {
  await using kubelet = await FakeKubelet.open();
  const sink = new RecordingSink();
  const write = writer(kubelet);
  await using lagging = await open(kubelet);
  kubelet.muteWatches = true;
  const written: string[] = [];
  {
    await using source = await open(kubelet, 20);
    await using _following = following(source, 'web', sink);
    for (let restart = 0; restart < 5; restart++) {
      written.push(write());
      await eventually(() => sink.messages().length === written.length);
      kubelet.restart(1);
    }
    await eventually(() => sink.events('container-started').length === 6 && sink.known().length === 2);
  }
  expect(lagging.services()[0]?.pods[0]?.restart).toBe(0);
  await using _following = following(lagging, 'web', sink);
  written.push(write());
  await eventually(() => sink.messages().length >= written.length);
  expect(sink.messages()).toEqual(written);
  expect(sink.events('container-started')).toHaveLength(6);
  expect(sink.events('lost')).toEqual([]);
});

test('a deletion is not told twice, though a watch that lags shows the pod once more, here or at another replica', async () => {
  await using kubelet = await FakeKubelet.open();
  const sink = new RecordingSink();
  await using lagging = await open(kubelet);
  const all = ['container-started 0', 'line 1', 'container-exited 0', 'pod-deleted'];
  const repeated = async (source: KubernetesLogSource) => {
    await using _following = following(source, 'web', sink);
    await eventually(() => sink.events('pod-deleted').length > 0);
    let repeats = 0;
    await eventually(
      () => {
        kubelet.repeat();
        return ++repeats > 10;
      },
      { everyMs: 10 },
    );
    expect(told(sink)).toEqual(all);
  };
  {
    await using source = await open(kubelet, 20);
    await using _following = following(source, 'web', sink);
    writer(kubelet)();
    await eventually(() => sink.messages().length === 1);
    kubelet.exit(0);
    await eventually(() => sink.events('container-exited').length === 1);
    kubelet.muteWatches = true;
    kubelet.deletePod();
    await eventually(() => sink.events('pod-deleted').length === 1);
  }
  await using next = await open(kubelet, 20);
  await repeated(next);
  expect(lagging.services()).toHaveLength(1);
  await repeated(lagging);
});

test('of the pods that came and went the latest 32 deletions stay known', async () => {
  const sink = new RecordingSink();
  const pods = Array.from({ length: 100 }, (_, at) => ({ uid: `uid-${at}`, name: `pod-${at}` }));
  for (const { uid, name } of pods) {
    const cursor = { phase: 'exited', containerId: uid, namespace: 'n', podName: name, track: new Track() } as const;
    sink.cursors.set(`${uid}/app/0`, encodeCursor(cursor));
    await tellDeparted(sink, { uid, name });
  }
  expect(sink.known()).toEqual(pods.slice(-32).map(({ uid }) => uid));
  expect(isToldDeleted(sink, 'uid-99')).toBe(true);
  expect(sink.events('pod-deleted')).toHaveLength(100);
});
