import type { Deployment, LogEntry } from '@kubidu/contracts';

import type { Replica } from './replica.ts';

/** One station on the way from a build to running pods. */
export interface Station {
  readonly name: 'Build' | 'Release' | 'Pods';
  readonly state: 'done' | 'busy' | 'failed' | 'ahead' | 'skipped';
  /** One line on how it stands. */
  readonly said: string;
  /** When it was reached, where that is known. */
  readonly at?: string;
  /** Line of the service's log where it was reached. */
  readonly index?: number;
}

/**
 * Where a deployment is on its way: built, released, its pods running. The service's own log says when it was released
 * and which containers started after that, before the next release.
 */
export function rolloutOf(
  deployment: Deployment,
  runtime: readonly LogEntry[],
  running: readonly Replica[],
): Station[] {
  const build = buildStation(deployment);
  if (build.state === 'failed') {
    return [
      build,
      { name: 'Release', state: 'skipped', said: 'not reached' },
      { name: 'Pods', state: 'skipped', said: 'not reached' },
    ];
  }
  const isRelease = ({ event }: LogEntry) => event?.type === 'release';
  const released = runtime.findLast(
    ({ event }) => event?.type === 'release' && event.deploymentId === deployment.deploymentId,
  );
  if (released === undefined) {
    const said = build.state === 'done' ? 'not released yet' : 'after the build';
    return [
      build,
      { name: 'Release', state: 'ahead', said },
      { name: 'Pods', state: 'ahead', said: 'after the release' },
    ];
  }
  const next = runtime.find((entry) => isRelease(entry) && entry.index > released.index);
  const { timestamp, index } = released;
  const release: Station = { name: 'Release', state: 'done', said: 'released', at: timestamp, index };
  const started = runtime.filter(
    (entry) =>
      entry.event?.type === 'container-started' &&
      entry.index > released.index &&
      (next === undefined || entry.index < next.index),
  );
  return [build, release, podStation(started, running, next !== undefined)];
}

function buildStation({ status, createdAt, startedAt, endedAt }: Deployment): Station {
  switch (status) {
    case 'queued':
      return { name: 'Build', state: 'ahead', said: 'waits for a worker', at: createdAt };
    case 'running':
      return { name: 'Build', state: 'busy', said: 'running', at: startedAt ?? createdAt };
    case 'succeeded':
      return { name: 'Build', state: 'done', said: 'succeeded', at: endedAt ?? createdAt };
    case 'failed':
    case 'cancelled':
    case 'lost':
      return { name: 'Build', state: 'failed', said: status, at: endedAt ?? createdAt };
  }
}

function podStation(started: readonly LogEntry[], running: readonly Replica[], replaced: boolean): Station {
  const first = started[0];
  const names = new Set(started.map(({ podName }) => podName));
  const up = running.filter(({ podName, state }) => names.has(podName) && state === 'running').length;
  const reached = first === undefined ? {} : { at: first.timestamp, index: first.index };
  if (replaced) return { name: 'Pods', state: 'done', said: 'replaced by a later release', ...reached };
  if (names.size === 0) return { name: 'Pods', state: 'busy', said: 'starting' };
  return { name: 'Pods', state: up > 0 ? 'done' : 'busy', said: `${up} running, ${names.size} started`, ...reached };
}
