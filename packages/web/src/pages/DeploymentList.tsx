import type { Deployment } from '@kubidu/contracts';
import { Link } from 'react-router';

import { Ago, useNow } from '../components/frame/Ago.tsx';
import { durationText } from '../components/frame/duration-text.ts';
import { Status } from '../components/frame/Status.tsx';

/** Deployments, newest first, each leading to its page; named by their service where several services have some. */
export function DeploymentList({
  deployments,
  names,
}: {
  readonly deployments: readonly Deployment[];
  readonly names: 'service' | 'deployment';
}) {
  return (
    <ul className="divide-y divide-zinc-200 rounded-lg border border-zinc-200 bg-white dark:divide-zinc-800 dark:border-zinc-800 dark:bg-zinc-900">
      {deployments.map((deployment) => (
        <li
          key={deployment.deploymentId}
          className="relative flex items-center gap-3 px-3 py-2.5 text-sm hover:bg-zinc-50 dark:hover:bg-zinc-800/60"
        >
          <Status name={deployment.status} bare />
          <Link
            to={`/deployments/${encodeURIComponent(deployment.deploymentId)}`}
            className="min-w-0 flex-1 truncate font-medium after:absolute after:inset-0"
          >
            {names === 'service' ? deployment.serviceId : shortId(deployment.deploymentId)}
          </Link>
          {names === 'service' && (
            <span className="w-20 shrink-0 font-mono text-xs text-zinc-600 max-sm:hidden dark:text-zinc-400">
              {shortId(deployment.deploymentId)}
            </span>
          )}
          {names === 'service' && (
            <span className="w-24 shrink-0 text-right text-zinc-600 tabular-nums max-sm:hidden dark:text-zinc-400">
              <Took deployment={deployment} />
            </span>
          )}
          <span className="w-24 shrink-0 text-right text-zinc-600 dark:text-zinc-400">
            <Ago time={deployment.createdAt} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** An id as it is shown where there is little room: its end tells two apart, its beginning is the time. */
export function shortId(id: string): string {
  return id.length > 16 ? `…${id.slice(-8)}` : id;
}

function Took({ deployment: { startedAt, endedAt } }: { readonly deployment: Deployment }) {
  const now = useNow();
  if (startedAt === undefined) return null;
  const took = (endedAt === undefined ? now : Date.parse(endedAt)) - Date.parse(startedAt);
  return durationText(endedAt === undefined ? Math.max(1_000, took) : took);
}
