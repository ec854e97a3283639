import type { LogEntry } from '@kubidu/contracts';

import type { AskedQuery } from './asked-query.ts';

/** Which entries of a stream are wanted. */
export interface Selection {
  /** How many of the newest; undefined: all. */
  readonly lines: number | undefined;
  /** Only what is after this index. */
  readonly afterIndex: number | undefined;
  /** Only from this moment on, in epoch milliseconds. */
  readonly sinceMs: number | undefined;
  /** Only up to this moment, in epoch milliseconds. */
  readonly untilMs: number | undefined;
  /** Only of these pods; empty: of all. */
  readonly pods: ReadonlySet<string>;
  /** Only of these containers; empty: of all. */
  readonly containers: ReadonlySet<string>;
  /** Only what the server finds to match; undefined: everything. */
  readonly query?: string | undefined;
  /** The same, but asked here of everything that the server has. */
  readonly local?: AskedQuery | undefined;
  /** Whether entries of the system are wanted. */
  readonly system: boolean;
}

export type Matches = (entry: LogEntry) => boolean;

/** Tells which entries are wanted of those that the server gives; undefined where that is every one of them. */
export function matcher({ sinceMs, untilMs, pods, containers, system, local }: Selection): Matches | undefined {
  const checks: Matches[] = [];
  if (!system) checks.push((entry) => entry.stream !== 'system');
  // What the system says of no pod in particular concerns each.
  if (pods.size > 0)
    checks.push(({ podName, stream }) => (podName === undefined ? stream === 'system' : pods.has(podName)));
  if (containers.size > 0) {
    checks.push(({ container, stream }) => (container === undefined ? stream === 'system' : containers.has(container)));
  }
  if (sinceMs !== undefined) checks.push((entry) => Date.parse(entry.timestamp) >= sinceMs);
  if (untilMs !== undefined) checks.push((entry) => Date.parse(entry.timestamp) <= untilMs);
  if (local) checks.push((entry) => local.matches(entry));
  if (checks.length === 0) return undefined;
  return (entry) => checks.every((check) => check(entry));
}
