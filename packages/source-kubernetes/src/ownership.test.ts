import http from 'node:http';

import { expect, test } from '@jest/globals';
import { LogsError, MemoryServiceOwners } from '@kubidu/core';
import type { Owner, ServiceOwners } from '@kubidu/core';
import { eventually, FakeKubelet, following, RecordingSink } from '@kubidu/testing';

import { KubernetesLogSource } from './kubernetes-log-source.ts';
import type { ForeignPod } from './service-directory.ts';

/** What the pod of a FakeKubelet is labelled with, and where it is. */
const SERVICE = 'web';
const NAMESPACE = 'fake';

/** Owners that fail as a test says, and count who claims. */
class ScriptedOwners extends MemoryServiceOwners {
  fault: Error | undefined;
  readonly claims: Owner[] = [];

  override async claim(serviceId: string, claimant: Owner): Promise<Owner> {
    this.claims.push(claimant);
    if (this.fault) throw this.fault;
    return super.claim(serviceId, claimant);
  }
}

async function open(kubelet: FakeKubelet, owners: ServiceOwners, onForeignPod?: (pod: ForeignPod) => void) {
  const agent = new http.Agent({ keepAlive: true });
  const credentials = () => Promise.resolve({ headers: {}, agent });
  const source = KubernetesLogSource.with(
    { url: kubelet.url, credentials, [Symbol.dispose]: () => agent.destroy() },
    { owners, timing: { retryMs: 20, graceMs: 20, reconcileMs: 50 }, ...(onForeignPod && { onForeignPod }) },
  );
  await source.start(() => undefined);
  return source;
}

test('a source that has started knows whose the services are that it lists', async () => {
  await using kubelet = await FakeKubelet.open();
  const owners = new MemoryServiceOwners();
  await using source = await open(kubelet, owners);
  expect(source.services().map(({ serviceId }) => serviceId)).toEqual([SERVICE]);
  expect(await owners.owner(SERVICE)).toEqual({ namespace: NAMESPACE });
});

test('a service whose owner cannot be asked for is neither listed nor followed until it can', async () => {
  await using kubelet = await FakeKubelet.open();
  const owners = new ScriptedOwners();
  owners.fault = new LogsError('UNAVAILABLE', 'away');
  await using source = await open(kubelet, owners);
  const sink = new RecordingSink();
  await using _following = following(source, SERVICE, sink);
  kubelet.write({ time: '2026-01-01T00:00:01.000000000Z', message: 'hello' });
  await eventually(() => owners.claims.length > 3);
  expect([source.services(), source.stats(), sink.entries, kubelet.follows]).toEqual([
    [],
    { foreignPods: 0, followedPods: 0, unparsedBytes: 0 },
    [],
    0,
  ]);
  // The store says so itself: it is no fault of the cluster's.
  expect(source.health()).toEqual({ ok: true });
  owners.fault = undefined;
  await eventually(() => sink.messages().includes('hello'));
  expect(source.services()).toHaveLength(1);
});

test('a service stays followed while the store of owners is away', async () => {
  await using kubelet = await FakeKubelet.open();
  const owners = new ScriptedOwners();
  await using source = await open(kubelet, owners);
  const sink = new RecordingSink();
  await using _following = following(source, SERVICE, sink);
  owners.fault = new LogsError('UNAVAILABLE', 'away');
  const before = owners.claims.length;
  await eventually(() => owners.claims.length > before + 3);
  kubelet.write({ time: '2026-01-01T00:00:01.000000000Z', message: 'hello' });
  await eventually(() => sink.messages().includes('hello'));
  expect(source.services()).toHaveLength(1);
});

test('a defect that hides whose services are is told', async () => {
  await using kubelet = await FakeKubelet.open();
  const owners = new ScriptedOwners();
  owners.fault = new LogsError('INTERNAL', 'a command was refused');
  await using source = await open(kubelet, owners);
  expect(source.health()).toEqual({ ok: false, detail: 'a command was refused' });
  owners.fault = undefined;
  await eventually(() => source.health().ok);
});

test('an owner with pods is claimed for again and again, with the tenant last seen where labels cannot be', async () => {
  await using kubelet = await FakeKubelet.open();
  const owners = new ScriptedOwners(1_000);
  await owners.claim(SERVICE, { namespace: NAMESPACE, tenant: 'acme' });
  await using source = await open(kubelet, owners);
  await eventually(() => owners.claims.length > 5);
  expect(await owners.owner(SERVICE)).toEqual({ namespace: NAMESPACE, tenant: 'acme' });
  expect(source.services()).toMatchObject([{ tenant: 'acme' }]);
});

test("a pod of another's service is ignored and reported once, until its owner was away for too long", async () => {
  await using kubelet = await FakeKubelet.open();
  const owners = new ScriptedOwners(1_000);
  await owners.claim(SERVICE, { namespace: 'elsewhere', tenant: 'acme' });
  const reported: ForeignPod[] = [];
  await using source = await open(kubelet, owners, (pod) => reported.push(pod));
  const sink = new RecordingSink();
  await using _following = following(source, SERVICE, sink);
  kubelet.write({ time: '2026-01-01T00:00:01.000000000Z', message: 'hello' });
  await eventually(() => owners.claims.length > 3);
  expect(source.services()).toEqual([]);
  expect(source.stats()).toMatchObject({ foreignPods: 1, followedPods: 0 });
  expect(sink.entries).toEqual([]);
  await eventually(() => sink.messages().includes('hello'));
  expect(source.services()).toHaveLength(1);
  expect(source.stats()).toMatchObject({ foreignPods: 0, followedPods: 1 });
  expect(reported).toEqual([{ serviceId: SERVICE, namespace: NAMESPACE, podName: 'pod', owner: 'elsewhere' }]);
});

test('a service that became another’s is followed no longer', async () => {
  await using kubelet = await FakeKubelet.open();
  const owners = new ScriptedOwners();
  await using source = await open(kubelet, owners);
  const sink = new RecordingSink();
  await using _following = following(source, SERVICE, sink);
  await eventually(() => source.stats().followedPods === 1);
  // As after the store lost what it knew.
  owners.claim = () => Promise.resolve({ namespace: 'elsewhere' });
  await eventually(() => source.stats().followedPods === 0);
  expect(source.services()).toEqual([]);
  kubelet.deletePod();
  await eventually(() => source.stats().foreignPods === 0);
});
