import { expect, test } from '@jest/globals';
import {
  eventually,
  following,
  RealCluster,
  RecordingSink,
  steadyWriterScript,
  writerDeployment,
} from '@kubidu/testing';

import { KubernetesLogSource } from './kubernetes-log-source.ts';

test('a rollout, a scaling and a rollback are told as releases before the first line of what they bring', async () => {
  await using cluster = await RealCluster.open();
  const sink = new RecordingSink();
  const open = () => KubernetesLogSource.open({ mode: 'kubeconfig', namespaces: [cluster.namespace] });
  const apply = (deploymentId: string, replicas: number) =>
    cluster.apply(
      writerDeployment({
        name: 'released',
        service: 'released',
        replicas,
        labels: { 'kubidu.io/deployment-id': deploymentId },
        containers: [{ script: `echo of ${deploymentId}; ${steadyWriterScript()}` }],
      }),
    );
  const pods = async () => {
    await cluster.kubectl('rollout', 'status', 'deployment', 'released');
    const selector = ['--selector', 'app=released', '--field-selector', 'status.phase=Running'];
    return (await cluster.kubectl('get', 'pods', '--output', 'name', ...selector)).split('\n').length - 1;
  };
  const settled = (count: number) =>
    eventually(
      async () => (await pods()) === count && sink.writing.filter(({ state }) => state === 'running').length === count,
      { timeoutMs: 60_000, everyMs: 200 },
    );
  for (const [deploymentId, replicas] of [
    ['dep-1', 2],
    ['dep-2', 2],
    ['dep-2', 4],
    ['dep-1', 1],
  ] as const) {
    // Another follower each time, which knows what is stored.
    await using source = await open();
    await source.start(() => undefined);
    await using _following = following(source, 'released', sink);
    await apply(deploymentId, replicas);
    await settled(replicas);
  }
  expect(sink.events('release').map(({ event }) => event.deploymentId)).toEqual(['dep-1', 'dep-2', 'dep-1']);
  // What was released last when a pod's first entry came, and what the pod says itself.
  let latest = '';
  const under = new Map<string, string>();
  const said = new Map<string, string>();
  for (const { event, message, podName } of sink.entries) {
    if (event?.type === 'release') latest = event.deploymentId;
    if (podName !== undefined && !under.has(podName)) under.set(podName, latest);
    if (podName !== undefined && message.startsWith('of ')) said.set(podName, message.slice(3));
  }
  expect(under.size).toBeGreaterThanOrEqual(2 + 4 + 1);
  expect(said).toEqual(under);
}, 240_000);
