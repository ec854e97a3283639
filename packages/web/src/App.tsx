import { connect } from '@kubidu/client';
import { useState } from 'react';
import { BrowserRouter, Route, Routes, useParams } from 'react-router';

import { LogViewer } from './components/logs/LogViewer.tsx';
import { initialLogView } from './components/logs/log-view.ts';

const client = connect({ url: location.origin });

/** The dashboard. */
export function App() {
  return (
    <BrowserRouter>
      <Routes>
        <Route path="/services/:id" element={<ServiceDetail />} />
      </Routes>
    </BrowserRouter>
  );
}

function ServiceDetail() {
  const { id = '' } = useParams();
  const [view, setView] = useState(initialLogView);
  return (
    <div className="h-dvh">
      <LogViewer client={client} stream={`runtime:${id}`} view={view} onViewChange={setView} />
    </div>
  );
}
