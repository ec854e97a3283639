import type { ClientError } from '@kubidu/client';
import { useEffect, useRef, useState } from 'react';

import { useSession } from '../session/session-context.ts';

/** What was read last, and why the last attempt failed. `data` stays while the server is away. */
export interface Polled<T> {
  readonly data?: T;
  readonly error?: ClientError;
}

/**
 * Reads again and again, for as long as the component is there and its page is looked at.
 * @param key names what is read; another one begins anew
 * @param everyMs from one answer to the next question
 */
export function usePolled<T>(key: string, read: (signal: AbortSignal) => Promise<T>, everyMs: number): Polled<T> {
  const session = useSession();
  const [known, setKnown] = useState<Polled<T> & { readonly key: string }>({ key });
  const latest = useRef(read);
  useEffect(() => {
    latest.current = read;
  });
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let reading = false;
    const ask = async (): Promise<void> => {
      clearTimeout(timer);
      if (reading) return;
      reading = true;
      try {
        const data = await latest.current(stop.signal);
        if (!stop.signal.aborted) setKnown({ key, data });
      } catch (cause) {
        if (stop.signal.aborted) return;
        const error = cause as ClientError;
        if (error.code === 'UNAUTHENTICATED') session.refused();
        setKnown((before) => ({ ...(before.key === key ? before : {}), key, error }));
      } finally {
        reading = false;
      }
      if (!document.hidden && !stop.signal.aborted) timer = setTimeout(again, everyMs);
    };
    const again = (): void => {
      if (!document.hidden) ask().catch(reportError);
    };
    document.addEventListener('visibilitychange', again);
    ask().catch(reportError);
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', again);
    };
  }, [key, everyMs, session]);
  return known.key === key ? known : {};
}
