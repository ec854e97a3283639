import { expect, test } from '@jest/globals';
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
