import { useCallback, useEffect, useRef } from 'react';

import type { LogView } from './log-view.ts';
import type { LogSnapshot } from './model/log-model.ts';
import type { LogRowsLayout, Target } from './use-log-rows.ts';

/**
 * After a change of what decides which rows there are, one still reads the line that one read before: the line that is
 * pointed at, else the first in sight. `folded` changes with what is folded. Returns what to call whenever one scrolled.
 */
export function useKeptPlace(
  { rows, filtered }: LogSnapshot,
  view: LogView,
  folded: string,
  { reveal, top }: LogRowsLayout,
): () => void {
  const { query = '', only = false, level, pods, containers, step, from, to, follow, wrap, line } = view;
  const chosen = JSON.stringify([only && query, level, pods, containers, step, from, to, wrap, filtered]);
  const place = useRef<Target>(undefined);
  const before = useRef({ chosen, folded });
  useEffect(() => {
    const isChosen = before.current.chosen !== chosen;
    if ((isChosen || before.current.folded !== folded) && !follow && rows.length > 0) {
      const at = isChosen && line !== undefined ? { index: line, below: undefined } : place.current;
      if (at !== undefined) reveal(at.index, at.below);
    } else place.current = top();
    before.current = { chosen, folded };
  });
  return useCallback(() => {
    place.current = top();
  }, [top]);
}
