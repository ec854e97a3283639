import { ClientError } from '@kubidu/client';
import { parseMoment } from '@kubidu/text';
import type { Clock } from '@kubidu/text';
import { useCallback, useEffect, useRef, useState } from 'react';

import type { Jumped, LogActions } from './log-actions.ts';

/** How a jump does. `words` are for the reader. */
type JumpState =
  | { readonly is: 'idle' | 'looking' }
  /** There is nothing of that time to stand at. */
  | { readonly is: 'ended'; readonly words: string }
  /** What was written is no time, or could not be looked up. */
  | { readonly is: 'failed'; readonly words: string };

export interface Jump {
  readonly state: JumpState;
  /** Goes to what somebody wrote; what was looked up before is forgotten. */
  readonly go: (text: string) => void;
  /** Forgets what is looked up. */
  readonly drop: () => void;
}

const IDLE: JumpState = { is: 'idle' };
const NO_TIME = 'This is no time. Write one like these:';
const WORDS: Readonly<Record<Exclude<Jumped, 'there' | 'dropped'>, string>> = {
  end: 'No line shown here was written then or later: this is the end.',
  waiting: 'What was written then waits until you resume: this is the last line before.',
};

/** Looks up a time and goes there, by the reader's clock or UTC; ends with the field it belongs to. */
export function useJump(actions: LogActions, clock: Clock, onThere: () => void): Jump {
  const [state, setState] = useState(IDLE);
  const lookup = useRef<AbortController>(undefined);
  useEffect(() => () => lookup.current?.abort(), []);
  const drop = useCallback(() => {
    lookup.current?.abort();
    setState(IDLE);
  }, []);
  const go = (text: string): void => {
    lookup.current?.abort();
    const timeMs = parseMoment(text.trim(), Date.now(), clock);
    if (timeMs === undefined) return setState({ is: 'failed', words: NO_TIME });
    const { signal } = (lookup.current = new AbortController());
    setState({ is: 'looking' });
    actions.jumpTo(timeMs, signal).then(
      (jumped) => {
        if (signal.aborted) return;
        if (jumped === 'there') return onThere();
        setState(jumped === 'dropped' ? IDLE : { is: 'ended', words: WORDS[jumped] });
      },
      (error: unknown) => {
        if (signal.aborted) return;
        setState({ is: 'failed', words: `It could not be looked up: ${messageOf(error)}` });
      },
    );
  };
  return { state, go, drop };
}

function messageOf(error: unknown): string {
  return error instanceof ClientError ? error.message : String(error);
}
