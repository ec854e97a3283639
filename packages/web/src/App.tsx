import { BrowserRouter, Route, Routes } from 'react-router';

import { DeploymentDetail } from './pages/DeploymentDetail.tsx';
import { NotFound } from './pages/NotFound.tsx';
import { ServiceDetail } from './pages/ServiceDetail.tsx';
import { ServiceList } from './pages/ServiceList.tsx';
import { StreamPage } from './pages/StreamPage.tsx';
import { SessionContext } from './session/session-context.ts';
import { SessionGate } from './session/SessionGate.tsx';
import type { Session } from './session/session.ts';

/** The dashboard: a page for each address, for those who are signed in. */
export function App({ session }: { readonly session: Session }) {
  return (
    <SessionContext value={session}>
      <SessionGate>
        <BrowserRouter>
          <Routes>
            <Route path="/" element={<ServiceList />} />
            <Route path="/services/:id" element={<ServiceDetail />} />
            <Route path="/deployments/:id" element={<DeploymentDetail />} />
            <Route path="/jobs/:id" element={<StreamPage kind="job" />} />
            <Route path="/bots/:id" element={<StreamPage kind="bot" />} />
            <Route path="*" element={<NotFound />} />
          </Routes>
        </BrowserRouter>
      </SessionGate>
    </SessionContext>
  );
}
