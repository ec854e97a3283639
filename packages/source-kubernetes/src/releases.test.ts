import http from 'node:http';

import { describe, expect, it } from '@jest/globals';
import { eventually, FakeKubelet, following, RecordingSink, seededRandom } from '@kubidu/testing';

import { SinkError } from './delivery.ts';
import { KubernetesLogSource } from './kubernetes-log-source.ts';
import { podOf } from './pod.ts';
import { PodView } from './pod-view.ts';
import { Releases } from './releases.ts';

interface State {
  readonly deleting?: boolean;
  readonly phase?: string;
}

/** The pods of a service as one cluster has them, and those who follow it, one life after the other. */
class Cluster {
  readonly sink = new RecordingSink();
  readonly views = new Map<string, PodView>();
  #releases = this.#follow();
  #version = 0;

  /** A pod whose container runs begins; with `told`, something of it is stored as well. */
  async run(uid: string, deploymentId: string | undefined, { told = true } = {}): Promise<void> {
    const view = new PodView(this.#pod(uid, deploymentId, {}), () => Promise.resolve(undefined));
    this.views.set(uid, view);
    await this.begin(uid, told);
  }

  async begin(uid: string, told = true): Promise<void> {
    const view = this.views.get(uid);
    if (!view) throw new Error(`no pod ${uid}`);
    await this.#releases.begin(view);
    const writer = this.sink.open(`${uid}/app/0`, { podName: uid });
    if (told && this.sink.cursor(`${uid}/app/0`) === undefined) writer.event({ type: 'container-started' }, 'any');
  }

  change(uid: string, state: State): void {
    const view = this.views.get(uid);
    view?.update(this.#pod(uid, view.pod.labels['kubidu.io/deployment-id'], state));
  }

  /** Gone from the API server; nothing of it is kept. */
  remove(uid: string): void {
    this.views.delete(uid);
    this.sink.forget([`${uid}/app/0`]);
  }

  /** Another replica takes over, or the same begins again: it knows what is stored, and sees the pods in any order. */
  async takeOver(order: (uids: string[]) => string[] = (uids) => uids): Promise<void> {
    this.#releases = this.#follow();
    for (const uid of order([...this.views.keys()])) await this.begin(uid);
  }

  get released(): string[] {
    return this.sink.events('release').map(({ event }) => event.deploymentId);
  }

  #follow(): Releases {
    return new Releases(this.sink, () => this.views.values());
  }

  #pod(uid: string, deploymentId: string | undefined, { deleting = false, phase = 'Running' }: State) {
    const startedAt = '2026-01-01T00:00:05Z';
    const status = { name: 'app', containerID: `fake://${uid}`, restartCount: 0, state: { running: { startedAt } } };
    return podOf({
      metadata: {
        ...{
          uid,
          name: uid,
          namespace: 'fake',
          resourceVersion: String(++this.#version),
          creationTimestamp: startedAt,
        },
        ...(deleting && { deletionTimestamp: startedAt }),
        labels: deploymentId === undefined ? {} : { 'kubidu.io/deployment-id': deploymentId },
      },
      status: { phase, containerStatuses: [status] },
    });
  }
}

describe('A release', () => {
  it('is told once for all pods of a deployment, at the time at which the first of them started', async () => {
    const cluster = new Cluster();
    await Promise.all(['a1', 'a2', 'a3'].map((uid) => cluster.run(uid, 'a')));
    expect(cluster.released).toEqual(['a']);
    const [first] = cluster.sink.entries;
    expect(first).toMatchObject({ source: 'release', stream: 'system', timestamp: '2026-01-01T00:00:05Z' });
    expect(first).not.toHaveProperty('podName');
  });

  it('is not told for a pod without the label', async () => {
    const cluster = new Cluster();
    await cluster.run('x1', undefined);
    await cluster.run('x2', '');
    expect(cluster.released).toEqual([]);
  });

  it.each<{ what: string; through: (it: Cluster) => void | Promise<void> }>([
    { what: 'the deployment is scaled to none and back', through: (it: Cluster) => it.remove('a1') },
    { what: 'its pod is replaced', through: (it: Cluster) => it.change('a1', { deleting: true }) },
    { what: 'its pod has ended', through: (it: Cluster) => it.change('a1', { phase: 'Failed' }) },
    { what: 'another follower took over', through: (it: Cluster) => it.takeOver() },
    {
      what: 'another follower took over while it had no pods',
      through: async (it: Cluster) => {
        it.remove('a1');
        await it.takeOver();
      },
    },
  ])('is not told again where $what', async ({ through }) => {
    const cluster = new Cluster();
    await cluster.run('a1', 'a');
    await through(cluster);
    await cluster.run('a2', 'a');
    expect(cluster.released).toEqual(['a']);
  });

  it('is not told again while two deployments run side by side, however both are scaled', async () => {
    const cluster = new Cluster();
    await cluster.run('a1', 'a');
    await cluster.run('b1', 'b');
    await cluster.run('a2', 'a');
    cluster.change('a1', { deleting: true });
    await cluster.takeOver();
    await cluster.run('b2', 'b');
    await cluster.run('a3', 'a');
    expect(cluster.released).toEqual(['a', 'b']);
  });

  it.each([
    { what: 'are gone', end: (it: Cluster) => it.remove('a1') },
    { what: 'are about to go', end: (it: Cluster) => it.change('a1', { deleting: true }) },
    { what: 'have ended', end: (it: Cluster) => it.change('a1', { phase: 'Succeeded' }) },
  ])('is told again for a deployment that comes back when all its pods $what', async ({ end }) => {
    const cluster = new Cluster();
    await cluster.run('a1', 'a');
    await cluster.run('b1', 'b');
    end(cluster);
    await Promise.all([cluster.run('a2', 'a'), cluster.run('a3', 'a')]);
    expect(cluster.released).toEqual(['a', 'b', 'a']);
  });

  it('that came back while nobody followed is told by whoever follows next', async () => {
    const cluster = new Cluster();
    await cluster.run('a1', 'a');
    await cluster.run('b1', 'b');
    for (const uid of ['a1', 'b1']) cluster.remove(uid);
    await cluster.takeOver();
    await cluster.run('a2', 'a');
    expect(cluster.released).toEqual(['a', 'b', 'a']);
  });

  it('is told once though the follower is killed before anything else of the pod is stored', async () => {
    const cluster = new Cluster();
    await cluster.run('a1', 'a', { told: false });
    await cluster.run('b1', 'b', { told: false });
    await cluster.takeOver();
    expect(cluster.released).toEqual(['a', 'b']);
  });

  it('is not told late for pods that were followed before releases were told', async () => {
    const cluster = new Cluster();
    cluster.sink.cursors.set('a1/app/0', 'any');
    await cluster.run('a1', 'a');
    await cluster.run('a2', 'a');
    expect(cluster.released).toEqual([]);
    await cluster.run('b1', 'b');
    expect(cluster.released).toEqual(['b']);
  });

  it('holds its pod back, and those that begin with it, until it is stored', async () => {
    const cluster = new Cluster();
    const order: string[] = [];
    let store: () => void = () => undefined;
    const open = cluster.sink.open.bind(cluster.sink);
    cluster.sink.open = (source, labels) => {
      const writer = open(source, labels);
      if (source !== 'release') return writer;
      return {
        ...writer,
        flush: () => new Promise<void>((resolve) => (store = resolve)).then(() => void order.push('stored')),
      };
    };
    const begun = ['a1', 'a2'].map((uid) => cluster.run(uid, 'a').then(() => order.push(uid)));
    await eventually(() => cluster.released.length === 1);
    store();
    await Promise.all(begun);
    expect(order).toEqual(['stored', 'a1', 'a2']);
  });

  it('ends the following where the store refuses it', async () => {
    const cluster = new Cluster();
    cluster.sink.fail();
    await expect(cluster.run('a1', 'a')).rejects.toThrow(SinkError);
  });

  it('stands before what its pod wrote, once, whoever follows', async () => {
    await using kubelet = await FakeKubelet.open({ 'kubidu.io/deployment-id': 'dep-1' });
    const sink = new RecordingSink();
    const line = (second: number) => ({ time: `2026-01-01T00:00:0${second}.000000000Z`, message: `line ${second}` });
    for (let life = 1; life <= 3; life++) {
      const agent = new http.Agent({ keepAlive: true });
      const credentials = () => Promise.resolve({ headers: {}, agent });
      const access = { url: kubelet.url, credentials, [Symbol.dispose]: () => agent.destroy() };
      await using source = KubernetesLogSource.with(access, { timing: { retryMs: 20, statusLagMs: 20, drainMs: 200 } });
      await source.start(() => undefined);
      await using _following = following(source, 'web', sink);
      kubelet.write(line(life));
      await eventually(() => sink.messages().length === life);
      if (life === 2) kubelet.restart(1);
    }
    expect(sink.entries.map(({ event, message }) => event?.type ?? message)).toEqual([
      ...['release', 'container-started', 'line 1', 'line 2'],
      ...['container-exited', 'container-started', 'line 3'],
    ]);
  });

  it('is told when another deployment begins to run, and only then, whatever comes and goes', async () => {
    const first = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
    for (let seed = first; seed < first + 200; seed++) await wander(seed);
  });
});

/** Lets pods of three deployments come and go, and followers too, and compares what is told with what is to be. */
async function wander(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const shuffled = (uids: string[]): string[] => uids.sort(() => random() - 0.5);
  const cluster = new Cluster();
  const expected: string[] = [];
  const standing = new Map<string, string>();
  for (let step = 0; step < 60; step++) {
    const uid = pick([...cluster.views.keys()]);
    const dice = random();
    if (dice < 0.5 || uid === undefined) {
      const id = pick(['a', 'b', 'c']) ?? 'a';
      const isNew = expected.at(-1) !== id && ![...standing.values()].includes(id);
      if (isNew) expected.push(id);
      standing.set(`pod-${step}`, id);
      // The follower may be killed between the release and the next thing that is stored.
      const killed = isNew && random() < 0.3;
      await cluster.run(`pod-${step}`, id, { told: !killed });
      if (killed) await cluster.takeOver(shuffled);
    } else if (dice < 0.8) {
      standing.delete(uid);
      cluster.remove(uid);
    } else if (dice < 0.9) {
      standing.delete(uid);
      cluster.change(uid, random() < 0.5 ? { deleting: true } : { phase: 'Failed' });
    } else {
      await cluster.takeOver(shuffled);
    }
    if (cluster.released.join() !== expected.join())
      throw new Error(`seed ${seed}, step ${step}: told ${cluster.released.join()}, not ${expected.join()}`);
  }
}
