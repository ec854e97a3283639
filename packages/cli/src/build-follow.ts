import { setTimeout as pause } from 'node:timers/promises';

import type { HttpApi } from '@kubidu/client/http';

import type { LogsFlags } from './logs-flags.ts';
import type { World } from './environment.ts';
import { isClientError } from './explain.ts';
import { Notices } from './output/notices.ts';
import { printLog } from './print-log.ts';
import type { Settings } from './settings.ts';
import { Stopped } from './exit.ts';
import { buildTarget } from './target.ts';

/** How long a cancelled build is followed to its end, in milliseconds: its container stops within 5 s. */
const CANCEL_MS = 15_000;

/**
 * Follows a build to its end; returns the exit code. Ctrl-C cancels the build and follows it to its end, which is then
 * there soon; a second one leaves at once (see main).
 */
export async function followBuild(
  api: HttpApi,
  deploymentId: string,
  shown: Pick<LogsFlags, 'output' | 'timestamps' | 'color'>,
  settings: Settings,
  world: World,
): Promise<number> {
  const leaving = new AbortController();
  const cancelling = new AbortController();
  let cancelled: Promise<void> | undefined;
  const onStop = (): void => {
    cancelled = cancel(api, deploymentId, new Notices(world.stderr), cancelling.signal)
      .then((asked) => asked && pause(CANCEL_MS, undefined, { signal: cancelling.signal }))
      .then(
        () => leaving.abort(world.signal.reason),
        () => undefined, // it ended by itself
      );
  };
  if (world.signal.aborted) onStop();
  else world.signal.addEventListener('abort', onStop, { once: true });
  try {
    const flags: LogsFlags = { ...shown, follow: true, sinceIndex: 0, prefix: true };
    const exitCode = await printLog(buildTarget(api, deploymentId), flags, settings, {
      ...world,
      signal: leaving.signal,
    });
    return world.signal.reason instanceof Stopped ? world.signal.reason.exitCode : exitCode;
  } finally {
    world.signal.removeEventListener('abort', onStop);
    cancelling.abort();
    await cancelled;
  }
}

/** Whether there is something to wait for. */
async function cancel(api: HttpApi, deploymentId: string, notices: Notices, signal: AbortSignal): Promise<boolean> {
  notices.say(`cancelling deployment ${deploymentId}; Ctrl-C again leaves at once`);
  try {
    await api.cancel(deploymentId, signal);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (!isClientError(error)) throw error;
    if (error.code === 'CONFLICT') return true; // it has ended: what is left of its log is coming
    notices.say(`could not cancel it (${error.message}); it may go on`);
    return false;
  }
}
