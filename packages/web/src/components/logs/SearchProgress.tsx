import type { LogSnapshot } from './model/log-model.ts';
import type { LogActions } from './log-actions.ts';

/** How far the search through the history came, and how to stop it or go on. */
export function SearchProgress({
  snapshot,
  actions,
}: {
  readonly snapshot: LogSnapshot;
  readonly actions: LogActions;
}) {
  const { search } = snapshot;
  if (search === undefined) return null;
  const { progress, matches, complete } = search;
  const count = `${matches.length.toLocaleString('en')} ${matches.length === 1 ? 'match' : 'matches'}`;
  if (progress.is === 'idle' && complete) return null;
  const back = progress.scannedTo === undefined ? '' : ` back to ${reachedText(progress.reached, progress.scannedTo)}`;
  return (
    <div className="log-progress" role="status">
      {progress.is === 'searching' && (
        <>
          <span className="log-spinner" aria-hidden="true" />
          {`Searching: searched${back}, ${count}`}
          <button type="button" className="log-button" onClick={actions.stopSearch}>
            Stop
          </button>
        </>
      )}
      {progress.is === 'done' && `Searched everything, ${count}`}
      {progress.is === 'failed' && `The search came only${back}: ${progress.error?.message ?? ''} `}
      {progress.is === 'stopped' && `Stopped: searched${back}, ${count} `}
      {(progress.is === 'failed' || progress.is === 'stopped') && (
        <button type="button" className="log-button" onClick={actions.searchHistory}>
          Go on
        </button>
      )}
    </div>
  );
}

function reachedText(reached: string | undefined, index: number): string {
  const at = reached === undefined ? Number.NaN : Date.parse(reached);
  if (Number.isNaN(at)) return `line ${index.toLocaleString('en')}`;
  const date = new Date(at);
  const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  const today = new Date().toDateString() === date.toDateString();
  return today ? time : `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${time}`;
}
