import { useSyncExternalStore } from 'react';

import { agoText } from './duration-text.ts';

const TICK_MS = 1_000;

/** The second it is; one clock for all that shows ages. */
const seconds = {
  subscribe: (listener: () => void): (() => void) => {
    const timer = setInterval(listener, TICK_MS);
    return () => clearInterval(timer);
  },
  current: () => Math.floor(Date.now() / TICK_MS) * TICK_MS,
};

/** The time now, in milliseconds since 1970, renewed every second. */
export function useNow(): number {
  return useSyncExternalStore(seconds.subscribe, seconds.current);
}

/** How long ago something was; the time itself when one points at it. */
export function Ago({ time }: { readonly time: string }) {
  const now = useNow();
  return (
    <time dateTime={time} title={new Date(time).toLocaleString()} className="whitespace-nowrap tabular-nums">
      {agoText(Date.parse(time), now)}
    </time>
  );
}
