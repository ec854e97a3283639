import type { LogSnapshot } from './model/log-model.ts';

export interface LogStatusProps {
  readonly snapshot: LogSnapshot;
  readonly nowMs: number;
  readonly onRetry: () => void;
}

/** `Connected • 1,234 entries • Last update 2s ago`, what waits, and whether anything is missing. */
export function LogStatus({ snapshot, nowMs, onRetry }: LogStatusProps) {
  const { follow, waiting, paused, lastArrival, rows, last, narrowed, trouble } = snapshot;
  const count = n(rows.length);
  return (
    <footer className="log-status" aria-label="State">
      <span className={`log-state log-state-${follow.is}`} role="status">
        {stateText(snapshot)}
      </span>
      <span>{narrowed ? `${count} of ${n(last)} entries` : `${count} ${rows.length === 1 ? 'entry' : 'entries'}`}</span>
      {lastArrival !== undefined && <span>{`Last update ${ageText(nowMs - lastArrival)}`}</span>}
      {paused && <span className="log-waiting">{`Paused, ${n(waiting)} waiting`}</span>}
      {trouble !== undefined && <span className="log-trouble">{`Older lines: ${trouble.message}; trying again`}</span>}
      {follow.is === 'failed' && (
        <button type="button" className="log-button" onClick={onRetry}>
          Try again
        </button>
      )}
      <Completeness snapshot={snapshot} />
    </footer>
  );
}

/** Nothing missing from the first line shown to the last, or which holes and why. */
function Completeness({ snapshot: { holes, losses, last } }: { readonly snapshot: LogSnapshot }) {
  if (last === 0) return null;
  const missing = holes.map(({ from, to, reason }) => `${n(from)}–${n(to)} ${REASONS[reason]}`);
  const lost = losses.map(
    ({ index, lines, reason }) => `${lines === undefined ? 'lines' : n(lines)} lost before line ${n(index)}: ${reason}`,
  );
  const all = [...missing, ...lost];
  if (all.length === 0)
    return (
      <span className="log-complete" title={`Nothing is missing from line 1 to line ${n(last)}.`}>
        ✓ Complete
      </span>
    );
  const first = holes[0];
  const onlyBeginning = all.length === 1 && first?.from === 1;
  return (
    <details className={onlyBeginning ? 'log-holes log-complete' : 'log-holes'}>
      <summary>
        {onlyBeginning
          ? `✓ Complete from line ${n(first.to + 1)}`
          : `${n(all.length)} ${all.length === 1 ? 'hole' : 'holes'}`}
      </summary>
      <ul>
        {all.map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
    </details>
  );
}

const REASONS = {
  expired: 'expired: kept no longer',
  trimmed: 'trimmed: the log was too large',
  unexplained: 'not given by the server',
} as const;

function stateText({ follow }: LogSnapshot): string {
  switch (follow.is) {
    case 'connecting':
      return 'Connecting…';
    case 'live':
      return 'Connected';
    case 'reconnecting':
      return `Reconnecting…${follow.attempt > 1 ? ` (attempt ${follow.attempt})` : ''}`;
    case 'ended':
      return `Ended: ${follow.outcome.status}${follow.outcome.exitCode === undefined ? '' : ` (exit ${follow.outcome.exitCode})`}`;
    case 'failed':
      return FAILURES[follow.error.code] ?? `Stopped: ${follow.error.message}`;
  }
}

const FAILURES: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: 'Signed out: sign in to go on',
  FORBIDDEN: 'Not yours to read, or there is no such log',
  NOT_FOUND: 'There is no such log',
};

function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds}s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ago`;
  return `${Math.floor(seconds / 3_600)}h ago`;
}

function n(value: number): string {
  return value.toLocaleString('en');
}
