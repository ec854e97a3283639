import { createContext, useContext, useSyncExternalStore } from 'react';

import type { Clients, Session, SessionState } from './session.ts';

/** The session of this document. */
export const SessionContext = createContext<Session | undefined>(undefined);

/** The session. Throws outside of one. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new TypeError('there is no session around this component');
  return session;
}

/** Where one stands with the server, as it changes. */
export function useSessionState(): SessionState {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, session.state);
}

/** The connections. Throws where nobody is signed in: pages are drawn for those who are. */
export function useClients(): Clients {
  const state = useSessionState();
  if (state.phase !== 'signed-in') throw new TypeError('nobody is signed in');
  return state.clients;
}
