import { useCallback, useMemo } from 'react';
import { useLocation, useNavigate } from 'react-router';

import type { LogView } from '../components/logs/log-view.ts';
import { addressOf, viewOf } from './view-address.ts';

/** What one sees of the log, kept in the address. It is replaced there: going back leaves the page. */
export function useLogView(): readonly [LogView, (view: LogView) => void] {
  const { search, hash } = useLocation();
  const navigate = useNavigate();
  const view = useMemo(() => viewOf({ search, hash }), [search, hash]);
  const change = useCallback(
    (next: LogView) => {
      Promise.resolve(navigate(addressOf(next), { replace: true })).catch(reportError);
    },
    [navigate],
  );
  return [view, change];
}
