import type { Manifest } from '../real-cluster.ts';

/** The image that every test cluster holds: busybox, with sh and awk. */
export const TEST_IMAGE = 'kubidu.test/busybox:1';

/** A container that runs a shell script. */
export interface WriterContainer {
  readonly name?: string;
  readonly script: string;
  /** Like `64Mi`; what needs more is killed. */
  readonly memory?: string;
}

export interface WriterPod {
  readonly name: string;
  readonly service: string;
  readonly containers: readonly WriterContainer[];
  readonly initContainers?: readonly WriterContainer[];
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  readonly graceSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A pod of a service whose containers write; `$HOSTNAME` is its name. */
export function writerPod(pod: WriterPod): Manifest {
  const labels = { 'kubidu.io/service-id': pod.service, ...pod.labels };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: pod.name, labels }, spec: podSpec(pod) };
}

/** A deployment of such pods. */
export function writerDeployment(pod: WriterPod & { readonly replicas: number }): Manifest {
  const labels = { 'kubidu.io/service-id': pod.service, app: pod.name, ...pod.labels };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: pod.name },
    spec: {
      replicas: pod.replicas,
      selector: { matchLabels: { app: pod.name } },
      template: { metadata: { labels }, spec: podSpec({ ...pod, restartPolicy: 'Always' }) },
    },
  };
}

function podSpec({ containers, initContainers = [], restartPolicy = 'Never', graceSeconds = 2 }: WriterPod): Manifest {
  return {
    restartPolicy,
    terminationGracePeriodSeconds: graceSeconds,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    containers: containers.map(container),
    initContainers: initContainers.map(container),
  };
}

function container({ name = 'app', script, memory }: WriterContainer): Manifest {
  return {
    name,
    image: TEST_IMAGE,
    imagePullPolicy: 'Never',
    command: ['/bin/sh', '-c', script],
    ...(memory !== undefined && { resources: { limits: { memory } } }),
  };
}
