import type { LogView } from './log-view.ts';
import type { LogSnapshot } from './model/log-model.ts';

export interface EmptyLogProps {
  readonly snapshot: LogSnapshot;
  readonly view: LogView;
  readonly onViewChange: (view: LogView) => void;
}

/** What stands where no line is: why, and what comes next. */
export function EmptyLog({ snapshot, view, onViewChange }: EmptyLogProps) {
  const { follow, last, filtered } = snapshot;
  const [title, words] = emptyText(follow.is, last, filtered);
  return (
    <div className="log-empty">
      <p className="log-empty-title">{title}</p>
      <p>{words}</p>
      {filtered && last > 0 && (
        <button
          type="button"
          className="log-button"
          onClick={() => onViewChange({ follow: view.follow, timestamps: view.timestamps, wrap: view.wrap })}
        >
          Show all lines
        </button>
      )}
    </div>
  );
}

function emptyText(is: LogSnapshot['follow']['is'], last: number, filtered: boolean): [string, string] {
  if (is === 'failed') return ['This log cannot be shown', 'Below stands why.'];
  if (is === 'connecting') return ['Opening the log…', 'The newest lines come first.'];
  if (is === 'reconnecting') return ['The server does not answer', 'Trying again; nothing is lost meanwhile.'];
  if (last > 0 && filtered) return ['No line matches', 'Nothing of what was chosen is in this log so far.'];
  if (is === 'ended') return ['Nothing was written', 'It ended without a line.'];
  return ['No lines yet', 'The first one appears here as soon as it is written.'];
}
