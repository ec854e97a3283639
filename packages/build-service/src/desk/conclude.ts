import type { Outcome } from '@kubidu/contracts';
import { encodeEntry, eventMessage, hasCode } from '@kubidu/core';
import type { Clock, DeploymentRecord, Deployments, LogStore } from '@kubidu/core';

/** Where a build that no worker runs is ended. */
export interface ConcludeOptions {
  readonly store: LogStore;
  readonly deployments: Deployments;
  readonly clock: Clock;
}

/**
 * Ends a build that no worker runs: the last entry of its stream, the stream, then its record. Where a part of that was
 * done before, as that part has it. @param why in words for whoever pushed, told before the last entry
 * @throws {LogsError} UNAVAILABLE; asking again then does what is missing
 */
export async function conclude(
  { store, deployments, clock }: ConcludeOptions,
  deploymentId: string,
  outcome: Outcome,
  why?: string,
): Promise<DeploymentRecord | undefined> {
  const stream = `build:${deploymentId}` as const;
  const timestamp = new Date(clock.now()).toISOString();
  const event = { type: 'build-finished', ...outcome } as const;
  const lines = [encodeEntry({ timestamp, message: eventMessage(event), stream: 'system', event })];
  if (why !== undefined) lines.unshift(encodeEntry({ timestamp, message: why, stream: 'system', level: 'ERROR' }));
  try {
    // Once, also where it is done again after the answer was lost.
    const ids = lines.map((_, at) => `concluded-${lines.length - at}`);
    await store.append(stream, lines, { ids });
  } catch (error) {
    if (!hasCode(error, 'CONFLICT')) throw error;
  }
  const { ended } = await store.end(stream, outcome);
  const { status, exitCode } = ended;
  return deployments.change(deploymentId, {
    status,
    endedAt: timestamp,
    ...(exitCode !== undefined && { exitCode }),
  });
}
