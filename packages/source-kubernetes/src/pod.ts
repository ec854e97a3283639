/** Of a pod, what following its containers needs. */
export interface Pod {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  /** Where it runs; empty before that is decided. */
  readonly node: string;
  readonly createdAt: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly containers: readonly ContainerStatus[];
  /** A grace period runs. */
  readonly deleting: boolean;
  /** None of its containers will ever run again. */
  readonly over: boolean;
}

/** How a container instance ended. */
export interface Exit {
  readonly exitCode: number;
  readonly reason: string;
  readonly signal?: number;
  readonly finishedAt?: string;
}

/** A container of a pod, of whatever kind. */
export interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly state: 'waiting' | 'running' | 'terminated';
  /** Why it waits or ended. */
  readonly reason: string | undefined;
  readonly restart: number;
  /** The latest two instances of which there is a log, the older first. */
  readonly instances: readonly Instance[];
}

/** One run of a container. */
export interface Instance {
  readonly containerId: string;
  readonly restart: number;
  readonly startedAt: string | undefined;
  /** Absent while it runs. */
  readonly exit: Exit | undefined;
  /** Whether its log is the one of `previous=true`. */
  readonly previous: boolean;
}

interface RawTerminated {
  containerID?: string;
  exitCode?: number;
  reason?: string;
  signal?: number;
  startedAt?: string;
  finishedAt?: string;
}
interface RawState {
  running?: { startedAt?: string };
  terminated?: RawTerminated;
  waiting?: { reason?: string };
}
interface RawContainerStatus {
  name: string;
  image?: string;
  containerID?: string;
  restartCount?: number;
  state?: RawState;
  lastState?: RawState;
}
/** A pod as the API server sends it. */
export interface RawPod {
  metadata: {
    uid: string;
    name: string;
    namespace: string;
    resourceVersion: string;
    creationTimestamp: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
  };
  spec?: { nodeName?: string };
  status?: {
    phase?: string;
    initContainerStatuses?: RawContainerStatus[];
    containerStatuses?: RawContainerStatus[];
    ephemeralContainerStatuses?: RawContainerStatus[];
  };
}

export function podOf({ metadata, spec, status }: RawPod): Pod {
  const statuses = [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ];
  return {
    uid: metadata.uid,
    name: metadata.name,
    namespace: metadata.namespace,
    node: spec?.nodeName ?? '',
    createdAt: metadata.creationTimestamp,
    resourceVersion: metadata.resourceVersion,
    labels: metadata.labels ?? {},
    containers: statuses.map(containerOf),
    deleting: metadata.deletionTimestamp !== undefined,
    over: status?.phase === 'Succeeded' || status?.phase === 'Failed',
  };
}

function containerOf(raw: RawContainerStatus): ContainerStatus {
  const { running, terminated, waiting } = raw.state ?? {};
  const restart = raw.restartCount ?? 0;
  const before = raw.lastState?.terminated;
  const instances: Instance[] = [];
  const current = running !== undefined || (terminated?.containerID ?? '') !== '';
  if (before?.containerID) {
    // While the next instance waits (CrashLoopBackOff) the count is still that of the one that ended.
    const itsRestart = current ? restart - 1 : restart;
    if (itsRestart >= 0) instances.push(ended(before, itsRestart, current));
  }
  if (running && raw.containerID)
    instances.push({
      containerId: raw.containerID,
      restart,
      startedAt: running.startedAt,
      exit: undefined,
      previous: false,
    });
  else if (terminated?.containerID) instances.push(ended(terminated, restart, false));
  return {
    name: raw.name,
    image: raw.image ?? '',
    state: running ? 'running' : terminated ? 'terminated' : 'waiting',
    reason: waiting?.reason ?? terminated?.reason,
    restart,
    instances,
  };
}

function ended(raw: RawTerminated, restart: number, previous: boolean): Instance {
  return {
    containerId: raw.containerID ?? '',
    restart,
    startedAt: raw.startedAt,
    exit: {
      exitCode: raw.exitCode ?? 0,
      reason: raw.reason ?? (raw.exitCode ? 'Error' : 'Completed'),
      ...(raw.signal && { signal: raw.signal }),
      ...(raw.finishedAt !== undefined && { finishedAt: raw.finishedAt }),
    },
    previous,
  };
}
