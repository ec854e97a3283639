import { useEffect, useRef } from 'react';

import type { LogView } from './log-view.ts';
import type { LogSnapshot } from './model/log-model.ts';
import type { LogRowsLayout, Target } from './use-log-rows.ts';

/** After a change of what decides which rows there are, one still reads the line that one read before. */
export function useKeptPlace({ rows, filtered }: LogSnapshot, view: LogView, { reveal, top }: LogRowsLayout): void {
  const { query = '', only = false, level, pods, containers, step, from, to, follow, wrap, line } = view;
  const chosen = JSON.stringify([only && query, level, pods, containers, step, from, to, wrap, filtered]);
  const place = useRef<Target>(undefined);
  const before = useRef(chosen);
  useEffect(() => {
    if (before.current !== chosen && !follow && rows.length > 0) {
      const at = line === undefined ? place.current : { index: line, below: undefined };
      if (at !== undefined) reveal(at.index, at.below);
    }
    before.current = chosen;
    place.current = top();
  });
}
