import { eventually, numberedLinesScript, RealCluster, writerPod } from '@kubidu/testing';

/** Replicas of the service that is measured, as PEERS of the field are. */
export const REPLICAS = 3;
export const SERVICE = 'bench';

export const podNames: readonly string[] = Array.from({ length: REPLICAS }, (_, at) => `${SERVICE}-${at}`);

/** Starts the service's pods with one container each that runs the script and then stays. */
export async function startPods(cluster: RealCluster, script: string, service = SERVICE): Promise<void> {
  const pods = podNames.map((name) =>
    writerPod({ name, service, containers: [{ script: `${script}; while :; do sleep 1; done` }], graceSeconds: 0 }),
  );
  await cluster.apply(...pods);
  for (const name of podNames) await cluster.started(name);
}

/** Resolves once no pod of the namespace is left. */
export async function removePods(cluster: RealCluster): Promise<void> {
  await cluster.kubectl('delete', 'pods', '--all', '--now');
}

/** As many numbered lines as fast as busybox's awk can, which writes them out in blocks. */
export function burst(lines: number): string {
  return numberedLinesScript(lines);
}

/** As many lines as fast as a shell's `echo` can, each written by itself, as most programs write their log. */
export function echoes(lines: number): string {
  return `n=0; while [ $n -lt ${lines} ]; do n=$((n+1)); echo "$n|1700000000000000000|the quick brown fox jumps over the lazy dog"; done`;
}

/** Resolves once every pod's log ends with its last line. */
export async function written(cluster: RealCluster, lines: number): Promise<void> {
  for (const name of podNames)
    await eventually(async () => (await cluster.kubectl('logs', name, '--tail=1')).startsWith(`${lines}|`), {
      timeoutMs: 120_000,
      everyMs: 250,
    });
}

/** The environment under which our server follows the cluster. */
export function clusterEnvironment(cluster: RealCluster, redisUrl: string): NodeJS.ProcessEnv {
  return {
    HOME: process.env['HOME'],
    KUBIDU_REDIS_URL: redisUrl,
    KUBIDU_KUBERNETES: 'kubeconfig',
    KUBECONFIG: RealCluster.kubeconfig,
    KUBIDU_NAMESPACES: cluster.namespace,
    // Without an archiver: no reader of pods keeps what it reads.
    KUBIDU_ROLES: 'gateway,collector',
  };
}
