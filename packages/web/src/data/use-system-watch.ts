import type { StreamId } from '@kubidu/contracts';
import { useMemo, useSyncExternalStore } from 'react';

import { useClients, useSession } from '../session/session-context.ts';
import { SystemWatch } from './system-watch.ts';
import type { SystemState } from './system-watch.ts';

/** What happens to a stream beside its lines, as it happens. */
export function useSystemWatch(stream: StreamId): SystemState {
  const { watch } = useClients();
  const session = useSession();
  const watched = useMemo(() => new SystemWatch(watch, stream, () => session.gaveUp()), [watch, stream, session]);
  return useSyncExternalStore(watched.subscribe, watched.state);
}
