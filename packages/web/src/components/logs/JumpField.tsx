import type { Clock } from '@kubidu/text';
import { useEffect, useId, useRef } from 'react';
import type { SubmitEvent } from 'react';

import type { LogActions } from './log-actions.ts';
import { useJump } from './use-jump.ts';

export interface JumpFieldProps {
  readonly actions: LogActions;
  /** Whose clock a time without a zone is of: the one that the lines show. */
  readonly clock: Clock;
  readonly onThere: () => void;
}

/** Where one writes the time to go to. Says that it looks for it, and why it could not go there. */
export function JumpField({ actions, clock, onThere }: JumpFieldProps) {
  const { state, go, drop } = useJump(actions, clock, onThere);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => input.current?.focus(), []);
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    go(input.current?.value ?? '');
  };
  return (
    <form className="log-jump" onSubmit={onSubmit} noValidate>
      <label htmlFor={`${id}-time`}>Time</label>
      <div className="log-jump-line">
        <input
          ref={input}
          id={`${id}-time`}
          className="log-search-input"
          aria-invalid={state.is === 'failed'}
          aria-describedby={`${id}-wrong ${id}-said ${id}-hint`}
          placeholder="2h, 14:03, 11-20 14:03:20"
          spellCheck={false}
          autoComplete="off"
          onChange={drop}
        />
        <button type="submit" className="log-button">
          Go
        </button>
      </div>
      <p id={`${id}-said`} role="status">
        {state.is === 'looking' && <span className="log-spinner" aria-hidden="true" />}
        {state.is === 'looking' ? ' Looking for it…' : state.is === 'ended' && state.words}
      </p>
      {state.is === 'failed' && (
        <p id={`${id}-wrong`} className="log-jump-error" role="alert">
          {state.words}
        </p>
      )}
      <p id={`${id}-hint`} className="log-jump-hint">
        {`10m, 2h: so long ago. 14:03, 11-20 14:03:20: ${clock === 'utc' ? 'in UTC' : 'by your clock'}. Or with a zone: 2026-11-20T14:03:20Z.`}
      </p>
    </form>
  );
}
