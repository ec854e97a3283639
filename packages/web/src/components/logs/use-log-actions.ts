import { useLayoutEffect, useState } from 'react';
import type { RefObject } from 'react';

import { LogActions } from './log-actions.ts';
import type { LogActionsOptions } from './log-actions.ts';
import type { LogListHandle } from './log-list-handle.ts';

/** What one can do with a log, for the toolbar and the keyboard alike. Stays the same object. */
export function useLogActions(
  options: Omit<LogActionsOptions, 'list' | 'field' | 'jumpButton'>,
  list: RefObject<LogListHandle | null>,
  field: RefObject<HTMLInputElement | null>,
  jumpButton: RefObject<HTMLButtonElement | null>,
): LogActions {
  const [actions] = useState(() => new LogActions());
  useLayoutEffect(() =>
    actions.use({ ...options, list: list.current, field: field.current, jumpButton: jumpButton.current }),
  );
  return actions;
}
