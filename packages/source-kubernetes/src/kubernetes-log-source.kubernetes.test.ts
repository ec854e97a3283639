import { randomBytes } from 'node:crypto';

import { RealCluster, writerPod } from '@kubidu/testing';
import type { Manifest } from '@kubidu/testing';
import { describeLogSource } from '@kubidu/testing/log-source.conformance';

import { KubernetesLogSource } from './kubernetes-log-source.ts';

/** The pod of a scenario: its name in `$KUBIDU_POD_NAME`, a folder that outlives restarts in `$SCRATCH`. */
function pod(name: string, service: string, script: string): Manifest {
  const written = writerPod({ name, service, containers: [{ script }], restartPolicy: 'Always', graceSeconds: 5 });
  const spec = written['spec'] as { containers: [object] };
  const [container] = spec.containers;
  const env = [
    { name: 'KUBIDU_POD_NAME', value: name },
    { name: 'SCRATCH', value: '/scratch' },
  ];
  return {
    ...written,
    spec: {
      ...spec,
      containers: [{ ...container, env, volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] }],
      volumes: [{ name: 'scratch', emptyDir: {} }],
    },
  };
}

describeLogSource('the pods of a cluster', {
  capabilities: { rereadable: true, separatesOutputs: false },
  timeoutMs: 60_000,
  brief: process.env['KUBIDU_TEST_LONG'] === undefined,
  open: async ({ script, replicas }) => {
    const cluster = await RealCluster.open();
    const serviceId = `app-${randomBytes(4).toString('hex')}`;
    const source = await KubernetesLogSource.open({ mode: 'kubeconfig', namespaces: [cluster.namespace] });
    const names = Array.from({ length: replicas }, (_, at) => `${serviceId}-${at}`);
    await cluster.apply(...names.map((name) => pod(name, serviceId, script)));
    await source.start(() => undefined);
    return {
      source,
      serviceId,
      stop: async () => {
        for (const name of names) await cluster.deletePod(name);
      },
      [Symbol.asyncDispose]: async () => {
        await source[Symbol.asyncDispose]();
        await cluster[Symbol.asyncDispose]();
      },
    };
  },
});
