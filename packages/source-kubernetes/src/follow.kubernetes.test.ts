import { expect, test } from '@jest/globals';
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

const LINES = 50_000;

test('three pods that write 50,000 lines each as fast as they can are followed completely', async () => {
  await using cluster = await RealCluster.open();
  await using source = await KubernetesLogSource.open({ mode: 'kubeconfig', namespaces: [cluster.namespace] });
  await source.start(() => undefined);
  const sink = new RecordingSink();
  await using _following = following(source, 'web', sink);
  const names = ['web-1', 'web-2', 'web-3'];
  // A shim that is short of CPU drops what it has not copied two seconds after the end (containerd/containerd#12289).
  const containers = [{ script: `${numberedLinesScript(LINES)}; sleep 3` }];
  await cluster.apply(...names.map((name) => writerPod({ name, service: 'web', containers })));
  await eventually(() => sink.events('container-exited').length === names.length, { timeoutMs: 60_000 });
  const written = names.map((podName) => ({ writer: podName, podName, lines: LINES }));
  expect(judge(sink.entries, written).report).toMatch(/^complete/);
  expect(sink.events('container-started')).toHaveLength(3);
  expect(sink.events('lost')).toEqual([]);
}, 90_000);
