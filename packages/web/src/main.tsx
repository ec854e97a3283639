import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './App.tsx';
import { Embedder } from './session/embedder.ts';
import { Session } from './session/session.ts';
import { TokenStore } from './session/token-store.ts';
import { theme } from './theme/theme.ts';
import './app.css';

theme.start();
const place = document.getElementById('root');
if (place !== null) {
  const url = location.origin;
  const session = new Session({ url, store: new TokenStore(), embedder: await Embedder.find(url) });
  createRoot(place).render(
    <StrictMode>
      <App session={session} />
    </StrictMode>,
  );
  await session.start();
}
