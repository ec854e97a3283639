import { Ago } from '../components/frame/Ago.tsx';
import { Status, statusName } from '../components/frame/Status.tsx';
import type { Replica } from './replica.ts';

/** The replicas of a service; pressing one shows its lines only, pressing it again all. */
export function ReplicaList({
  replicas,
  chosen,
  onChoose,
}: {
  readonly replicas: readonly Replica[];
  readonly chosen: readonly string[];
  readonly onChoose: (podName: string) => void;
}) {
  return (
    <ul className="flex gap-2 lg:flex-col lg:gap-1">
      {replicas.map((replica) => {
        const { podName, container, state, restarts, lastExit } = replica;
        const pressed = chosen.includes(podName);
        return (
          <li key={`${podName} ${container}`} className="shrink-0">
            <button
              type="button"
              aria-pressed={pressed}
              title={`${podName} ${container}: only its lines`}
              onClick={() => onChoose(podName)}
              className={`flex w-full max-w-64 flex-col gap-0.5 rounded-md border px-2.5 py-1.5 text-left text-sm lg:max-w-none ${pressed ? 'border-emerald-600 bg-emerald-50 dark:bg-emerald-950' : 'border-zinc-200 hover:bg-zinc-100 dark:border-zinc-800 dark:hover:bg-zinc-800'}`}
            >
              <span className="flex items-center gap-2">
                <Status name={state === 'running' ? 'up' : statusName(state)} bare />
                <span className="min-w-0 flex-1 truncate font-mono text-[0.8125rem]">{podName}</span>
                {restarts > 0 && (
                  <span className="text-amber-800 tabular-nums dark:text-amber-400" aria-label={`${restarts} restarts`}>
                    ↻{restarts}
                  </span>
                )}
              </span>
              {lastExit !== undefined && (
                <span className="truncate pl-6 text-xs text-zinc-600 max-lg:hidden dark:text-zinc-400">
                  {lastExit.reason} <Ago time={lastExit.at} />
                </span>
              )}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
