import type { ReadinessReport } from '@kubidu/contracts';

import { usePolled } from '../data/use-polled.ts';
import { useClients } from '../session/session-context.ts';

const EVERY_MS = 5_000;

/** Why nothing can be built now, as where there is no Docker; nothing where builds run, or the server does not say. */
export function BuildsHealth() {
  const { url } = useClients().watch.http;
  const { data } = usePolled('readiness', (signal) => readiness(url, signal), EVERY_MS);
  const builds = data?.dependencies['builds'];
  if (builds === undefined || builds.ok) return null;
  return (
    <p
      role="status"
      className="rounded-md border border-amber-400 bg-amber-50 px-3 py-2 text-sm text-amber-950 dark:border-amber-700 dark:bg-amber-950 dark:text-amber-100"
    >
      Nothing can be built now. What was built, and what runs, can be read all the same.
      {builds.detail !== undefined && <> The server says: {builds.detail}</>}
    </p>
  );
}

/** A server that is not ready says so with a report, too. */
async function readiness(url: string, signal: AbortSignal): Promise<ReadinessReport> {
  return (await (await fetch(`${url}/readyz`, { signal })).json()) as ReadinessReport;
}
