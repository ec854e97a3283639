import { useState } from 'react';

import type { LogView } from './log-view.ts';

/** Most changes that may be on their way to the owner and back; older ones are forgotten. */
const MOST = 100;

/**
 * A view that changes at once, while its owner hears of it and passes it back in its own time: what is typed in between is
 * not undone by what comes back, and two changes in a row are both meant. Whatever else the owner says counts.
 */
export function useOwnView(
  view: LogView,
  onViewChange: (view: LogView) => void,
): readonly [LogView, (view: LogView) => void] {
  const [own, setOwn] = useState(view);
  const [said, setSaid] = useState(view);
  const [onTheWay, setOnTheWay] = useState<readonly string[]>([]);
  if (said !== view) {
    setSaid(view);
    const place = onTheWay.indexOf(keyOf(view));
    setOnTheWay(place < 0 ? [] : onTheWay.slice(place + 1));
    if (place < 0) setOwn(view);
  }
  const change = (next: LogView) => {
    setOwn(next);
    setOnTheWay((keys) => [...keys, keyOf(next)].slice(-MOST));
    onViewChange(next);
  };
  return [own, change];
}

/** The same for views that show the same. */
function keyOf({ query = '', only = false, line, follow, timestamps, wrap, ...more }: LogView): string {
  const { pods = [], containers = [], step, level, from, to } = more;
  return JSON.stringify([query, only, line, follow, timestamps, wrap, pods, containers, step, level, from, to]);
}
