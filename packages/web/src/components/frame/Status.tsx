import { Icon } from './Icon.tsx';

/** How something does: of a container, a step, a deployment or a stream. */
export type StatusName =
  | 'queued'
  | 'waiting'
  | 'running'
  /** A container that runs, which is as it should be; a build that runs is `running`. */
  | 'up'
  | 'started'
  | 'succeeded'
  | 'cached'
  | 'failed'
  | 'cancelled'
  | 'lost'
  | 'terminated'
  | 'unknown';

const LOOK = {
  up: { text: 'text-emerald-700 dark:text-emerald-400', icon: undefined },
  busy: { text: 'text-sky-700 dark:text-sky-400', icon: undefined },
  good: { text: 'text-emerald-700 dark:text-emerald-400', icon: 'check' },
  bad: { text: 'text-red-700 dark:text-red-400', icon: 'cross' },
  still: { text: 'text-zinc-600 dark:text-zinc-400', icon: 'clock' },
  over: { text: 'text-zinc-600 dark:text-zinc-400', icon: 'dash' },
} as const;

const KIND: Readonly<Record<StatusName, keyof typeof LOOK>> = {
  queued: 'still',
  waiting: 'still',
  running: 'busy',
  up: 'up',
  started: 'busy',
  succeeded: 'good',
  cached: 'good',
  failed: 'bad',
  cancelled: 'over',
  lost: 'bad',
  terminated: 'over',
  unknown: 'over',
};

const SAID: Partial<Record<StatusName, string>> = { started: 'running', up: 'running' };

/** A status by colour, sign and, unless `bare`, word; read out in any case. */
export function Status({ name, bare = false }: { readonly name: StatusName; readonly bare?: boolean }) {
  const { text, icon } = LOOK[KIND[name]];
  const word = SAID[name] ?? name;
  return (
    <span className={`inline-flex items-center gap-1.5 text-sm ${text}`}>
      {icon === undefined ? <Dot moves={name !== 'up'} /> : <Icon name={icon} />}
      <span className={bare ? 'sr-only' : ''}>{word}</span>
    </span>
  );
}

/** A dot, which breathes where something is under way, unless one prefers that nothing moves. */
function Dot({ moves }: { readonly moves: boolean }) {
  return (
    <span aria-hidden="true" className="relative grid size-4 place-items-center">
      {moves && <span className="absolute size-2.5 rounded-full bg-current opacity-40 motion-safe:animate-ping" />}
      <span className="size-2 rounded-full bg-current" />
    </span>
  );
}

/** The status of that name; `unknown` where there is none. */
export function statusName(name: string): StatusName {
  return name in KIND ? (name as StatusName) : 'unknown';
}
