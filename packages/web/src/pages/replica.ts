import type { LogEntry, ServicePod, Source } from '@kubidu/contracts';

/** One container of a service as it does now. */
export interface Replica {
  readonly podName: string;
  readonly container: string;
  readonly state: string;
  /** How often it was started again. */
  readonly restarts: number;
  /** How it last ended, like `OOMKilled` or `exit 1`, and when. */
  readonly lastExit?: { readonly reason: string; readonly at: string };
}

/**
 * What runs, from who the stream says writes now, else from what the API listed; with the restarts and exits that the
 * stream told of. In the order of their names.
 */
export function replicasOf(
  listed: readonly ServicePod[],
  sources: readonly Source[] | undefined,
  entries: readonly LogEntry[],
): Replica[] {
  const told = new Map<string, Pick<Replica, 'restarts' | 'lastExit'>>();
  for (const { podName, container, restart, timestamp, event } of entries) {
    const key = `${podName} ${container}`;
    const before = told.get(key) ?? { restarts: 0 };
    if (event?.type === 'container-started')
      told.set(key, { ...before, restarts: Math.max(before.restarts, event.restart ?? restart ?? 0) });
    if (event?.type === 'container-exited')
      told.set(key, { restarts: Math.max(before.restarts, event.restart), lastExit: exit(event, timestamp) });
  }
  const known = new Map(listed.map((pod) => [`${pod.podName} ${pod.container}`, pod]));
  return (sources ?? listed)
    .map(({ podName, container, state }) => {
      const key = `${podName} ${container}`;
      const { restarts = 0, lastExit } = told.get(key) ?? {};
      const counted = Math.max(restarts, known.get(key)?.restart ?? 0);
      return { podName, container, state, restarts: counted, ...(lastExit !== undefined && { lastExit }) };
    })
    .sort(
      (a, b) => a.podName.localeCompare(b.podName, 'en', { numeric: true }) || (a.container < b.container ? -1 : 1),
    );
}

function exit(
  { reason, exitCode }: { reason: string; exitCode: number },
  at: string,
): NonNullable<Replica['lastExit']> {
  return { reason: reason === 'Error' || reason === '' ? `exit ${exitCode}` : reason, at };
}
