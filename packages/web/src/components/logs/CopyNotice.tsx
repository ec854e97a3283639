import { useEffect } from 'react';

import type { Copying } from './use-copying.ts';

/** How long it is said that something was copied. */
const SAID_MS = 4_000;

/** Says that lines are being copied, that they were, or why not. What fails is said until its reader has seen it. */
export function CopyNotice({ state, dismiss }: Pick<Copying, 'state' | 'dismiss'>) {
  const isDone = state.is === 'copied';
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(dismiss, SAID_MS);
    return () => clearTimeout(timer);
  }, [isDone, dismiss]);
  return (
    <div className={state.is === 'idle' ? 'log-sr' : `log-notice log-notice-${state.is}`}>
      {state.is === 'copying' && <span className="log-spinner" aria-hidden="true" />}
      <span role="status" aria-label="Copying">
        {state.is !== 'idle' && state.words}
      </span>
      {(state.is === 'copying' || state.is === 'failed') && (
        <button type="button" className="log-button" onClick={dismiss}>
          {state.is === 'copying' ? 'Stop' : 'Close'}
        </button>
      )}
    </div>
  );
}
