import { Link } from 'react-router';

import { Ago } from '../components/frame/Ago.tsx';
import { Icon } from '../components/frame/Icon.tsx';
import type { Station } from './rollout.ts';

const LOOK: Readonly<Record<Station['state'], string>> = {
  done: 'bg-emerald-700 text-white',
  busy: 'bg-sky-700 text-white',
  failed: 'bg-red-700 text-white',
  ahead: 'border border-zinc-400 text-zinc-600 dark:border-zinc-600 dark:text-zinc-400',
  skipped: 'border border-zinc-300 text-zinc-500 dark:border-zinc-700',
};
const SIGN = { done: 'check', busy: 'clock', failed: 'cross', ahead: 'clock', skipped: 'dash' } as const;

/** Build, release and pods as one line; what lies in the service's log leads there. */
export function RolloutLine({
  stations,
  serviceId,
}: {
  readonly stations: readonly Station[];
  readonly serviceId: string;
}) {
  return (
    <ol className="flex flex-col gap-2 sm:flex-row sm:items-start sm:gap-0" aria-label="From the build to running pods">
      {stations.map(({ name, state, said, at, index }, place) => (
        <li key={name} className="flex min-w-0 flex-1 items-start gap-2.5">
          <span className={`grid size-7 shrink-0 place-items-center rounded-full ${LOOK[state]}`}>
            <Icon name={SIGN[state]} />
          </span>
          <span className="flex min-w-0 flex-col text-sm">
            <span className="font-medium">{name}</span>
            <span className="text-zinc-600 dark:text-zinc-400">
              {index === undefined ? (
                said
              ) : (
                <Link
                  className="underline decoration-dotted underline-offset-2"
                  to={`/services/${encodeURIComponent(serviceId)}#L${index}`}
                >
                  {said}
                </Link>
              )}
              {at !== undefined && (
                <>
                  {' · '}
                  <Ago time={at} />
                </>
              )}
            </span>
          </span>
          {place < stations.length - 1 && (
            <span aria-hidden="true" className="mx-3 mt-3.5 h-px flex-1 bg-zinc-300 max-sm:hidden dark:bg-zinc-700" />
          )}
        </li>
      ))}
    </ol>
  );
}
