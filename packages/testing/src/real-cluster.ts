import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { eventually } from './eventually.ts';

const run = promisify(execFile);
const MOST_OUTPUT = 64 * 1024 * 1024;

/** A Kubernetes object as one writes it. */
export type Manifest = Readonly<Record<string, unknown>>;

/** What can be killed and started again: see `KUBIDU_CLUSTER_SCRIPT`. */
export type Component = 'kube-apiserver' | 'kubelet' | 'containerd' | 'etcd' | 'kube-controller-manager';

/** Of a pod's status what tests ask for. */
export interface PodStatus {
  readonly name: string;
  readonly uid: string;
  readonly phase: string;
  /** Of all its containers, in the order of the status. */
  readonly containers: readonly { readonly name: string; readonly state: string; readonly restarts: number }[];
}

interface PodList {
  items: {
    metadata: { name: string; uid: string };
    status?: { phase?: string; containerStatuses?: { name: string; restartCount: number; state: object }[] };
  }[];
}

/** A namespace of its own in the real cluster that `KUBECONFIG` names; gone with all that is in it when disposed. */
export class RealCluster implements AsyncDisposable {
  readonly namespace: string;

  private constructor(namespace: string) {
    this.namespace = namespace;
  }

  /** @param labels of the namespace, like its tenant */
  static async open(labels: Readonly<Record<string, string>> = {}): Promise<RealCluster> {
    const cluster = new RealCluster(`test-${randomBytes(4).toString('hex')}`);
    await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: cluster.namespace, labels } });
    // A pod that comes before it is refused. Controllers look again after up to 45 s where the API server was killed.
    await eventually(() => cluster.kubectl('get', 'serviceaccount', 'default'), { timeoutMs: 90_000, everyMs: 200 });
    return cluster;
  }

  /** The kubeconfig of the cluster. */
  static get kubeconfig(): string {
    const path = process.env['KUBECONFIG'];
    if (path === undefined) throw new Error('KUBECONFIG names no cluster');
    return path;
  }

  /** Runs kubectl in the namespace; resolves with what it printed. */
  async kubectl(...args: readonly string[]): Promise<string> {
    const { stdout } = await run('kubectl', ['--namespace', this.namespace, ...args], { maxBuffer: MOST_OUTPUT });
    return stdout;
  }

  /** Creates or changes objects, in the namespace unless they name another. */
  async apply(...manifests: readonly Manifest[]): Promise<void> {
    const child = spawn('kubectl', ['--namespace', this.namespace, 'apply', '-f', '-'], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.stdin.end(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }));
    const [code] = (await once(child, 'close')) as [number];
    if (code !== 0) throw new Error(`kubectl apply: ${said}`);
  }

  /** The pods of a service (all of the namespace without one), by name. */
  async pods(service?: string): Promise<PodStatus[]> {
    const selector = service === undefined ? [] : ['--selector', `kubidu.io/service-id=${service}`];
    const { items } = JSON.parse(await this.kubectl('get', 'pods', '-o', 'json', ...selector)) as PodList;
    return items.map(({ metadata: { name, uid }, status }) => ({
      name,
      uid,
      phase: status?.phase ?? 'Pending',
      containers: (status?.containerStatuses ?? []).map((container) => ({
        name: container.name,
        state: Object.keys(container.state)[0] ?? 'waiting',
        restarts: container.restartCount,
      })),
    }));
  }

  /** Resolves once the pod's container started, whether or not it still runs. */
  async started(pod: string): Promise<void> {
    await eventually(
      async () => {
        const containers = (await this.pods()).find(({ name }) => name === pod)?.containers ?? [];
        return containers.length > 0 && containers.every(({ state, restarts }) => state !== 'waiting' || restarts > 0);
      },
      { timeoutMs: 60_000, everyMs: 200 },
    );
  }

  async deletePod(name: string, ...flags: readonly string[]): Promise<void> {
    await this.kubectl('delete', 'pod', name, '--wait=false', ...flags);
  }

  /** Kills a component with -9 and starts it again. Needs `KUBIDU_CLUSTER_SCRIPT`, and the cluster for itself. */
  static async restart(component: Component): Promise<void> {
    await script('restart', component);
  }

  /**
   * Lets the kubelet rotate logs at another size, like `200Ki`, until it is disposed. Needs the cluster for itself, as
   * `restart` does.
   */
  static async rotatingAt(size: string): Promise<AsyncDisposable> {
    await configure(size);
    return { [Symbol.asyncDispose]: () => configure(undefined) };
  }

  /** The server of the kubeconfig, and the kubeconfig's text. */
  static async server(): Promise<{ readonly host: string; readonly port: number; readonly kubeconfig: string }> {
    const kubeconfig = await readFile(RealCluster.kubeconfig, 'utf8');
    const url = new URL(/server: "?([^",\s}]+)/.exec(kubeconfig)?.[1] ?? '');
    return { host: url.hostname, port: Number(url.port || 443), kubeconfig };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kubectl('delete', 'pods', '--all', '--force', '--grace-period=0', '--wait=false');
    await this.kubectl('delete', 'namespace', this.namespace, '--wait=false');
  }
}

/** Writes the kubelet's configuration anew, and starts it with that. */
async function configure(logSize: string | undefined): Promise<void> {
  const { CONTAINER_LOG_MAX_SIZE: _, ...rest } = process.env;
  await script('up', undefined, logSize === undefined ? rest : { ...rest, CONTAINER_LOG_MAX_SIZE: logSize });
  await script('restart', 'kubelet');
}

async function script(command: 'up' | 'restart', component?: Component, env = process.env): Promise<void> {
  const path = process.env['KUBIDU_CLUSTER_SCRIPT'];
  if (path === undefined) throw new Error('KUBIDU_CLUSTER_SCRIPT names no script that restarts components');
  // What it starts lives on, longer than the test's folder for temporary files, and would hold its output open: only its
  // own end counts.
  const { TMPDIR: _, ...lasting } = env;
  const args = component === undefined ? [command] : [command, component];
  const child = spawn(path, args, { stdio: 'ignore', env: lasting });
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`${command} ${component ?? ''}: failed`);
}
