import { expect, test } from '@jest/globals';
import { MemoryServiceOwners } from '@kubidu/core';
import { eventually, following, RealCluster, RecordingSink, writerPod } from '@kubidu/testing';

import { KubernetesLogSource } from './kubernetes-log-source.ts';
import type { ForeignPod } from './service-directory.ts';

test('a pod of another namespace with the same label gets nothing in, is counted and reported once', async () => {
  await using owner = await RealCluster.open({ 'kubidu.io/tenant-id': 'acme' });
  await using intruder = await RealCluster.open({ 'kubidu.io/tenant-id': 'evil' });
  const reported: ForeignPod[] = [];
  const service = `web-${owner.namespace}`;
  await using source = await KubernetesLogSource.open({
    mode: 'kubeconfig',
    namespaces: [owner.namespace, intruder.namespace],
    onForeignPod: (pod) => reported.push(pod),
  });
  await source.start(() => undefined);
  const sink = new RecordingSink();
  await using _following = following(source, service, sink);
  await owner.apply(writerPod({ name: 'mine', service, containers: [{ script: 'echo mine; sleep 60' }] }));
  await eventually(() => sink.messages().includes('mine'), { timeoutMs: 30_000 });
  await intruder.apply(writerPod({ name: 'theirs', service, containers: [{ script: 'echo theirs; sleep 60' }] }));
  await intruder.started('theirs');
  await eventually(() => source.stats().foreignPods === 1);
  const optedOut = { 'kubidu.io/logs': 'false' };
  await owner.apply(
    writerPod({ name: 'quiet', service, labels: optedOut, containers: [{ script: 'echo quiet; sleep 60' }] }),
    writerPod({ name: 'late', service, containers: [{ script: 'echo late; sleep 60' }] }),
  );
  await eventually(() => sink.messages().includes('late'), { timeoutMs: 30_000 });
  expect(sink.messages().sort()).toEqual(['late', 'mine']);
  expect(reported).toEqual([
    { serviceId: service, namespace: intruder.namespace, podName: 'theirs', owner: owner.namespace },
  ]);
  expect(source.services().find(({ serviceId }) => serviceId === service)).toMatchObject({ tenant: 'acme' });
}, 120_000);

test("a service without pods stays its namespace's when the source is opened again, and another's pod gets nothing in", async () => {
  await using owner = await RealCluster.open({ 'kubidu.io/tenant-id': 'acme' });
  await using intruder = await RealCluster.open({ 'kubidu.io/tenant-id': 'evil' });
  // As the store of an installation, which lives longer than its servers.
  const owners = new MemoryServiceOwners();
  const service = `web-${owner.namespace}`;
  const namespaces = [owner.namespace, intruder.namespace];
  const pod = (name: string) => writerPod({ name, service, containers: [{ script: `echo ${name}; sleep 60` }] });
  const open = () => KubernetesLogSource.open({ mode: 'kubeconfig', namespaces, owners });
  const sink = new RecordingSink();
  {
    await using source = await open();
    await source.start(() => undefined);
    await using _following = following(source, service, sink);
    await owner.apply(pod('mine'));
    await eventually(() => sink.messages().includes('mine'), { timeoutMs: 30_000 });
  }
  await owner.kubectl('delete', 'pod', 'mine', '--force', '--grace-period=0');
  await intruder.apply(pod('theirs'));
  await intruder.started('theirs');
  await using source = await open();
  await source.start(() => undefined);
  await using _following = following(source, service, sink);
  expect(source.services().map(({ serviceId }) => serviceId)).not.toContain(service);
  expect(source.stats()).toMatchObject({ foreignPods: 1, followedPods: 0 });
  expect(await owners.owner(service)).toEqual({ namespace: owner.namespace, tenant: 'acme' });
  // What comes later goes to the owner, as before.
  await owner.apply(pod('again'));
  await eventually(() => sink.messages().includes('again'), { timeoutMs: 30_000 });
  expect(sink.messages().sort()).toEqual(['again', 'mine']);
  expect(source.services().find(({ serviceId }) => serviceId === service)).toMatchObject({ tenant: 'acme' });
  // Whose the namespace is, its label says.
  await owner.kubectl('label', 'namespace', owner.namespace, '--overwrite', 'kubidu.io/tenant-id=other');
  await eventually(async () => (await owners.owner(service))?.tenant === 'other', { timeoutMs: 30_000 });
  expect(source.services().find(({ serviceId }) => serviceId === service)).toMatchObject({ tenant: 'other' });
}, 120_000);
