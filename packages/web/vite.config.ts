import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

import { precompressed } from './precompressed.ts';

const API = process.env.KUBIDU_SERVER ?? 'http://127.0.0.1:3000';

/** The dashboard, as the API serves it: dist/app. `vite` serves it while it is worked on, before a running API. */
export default defineConfig({
  plugins: [react(), tailwindcss(), precompressed('dist/app')],
  resolve: { conditions: ['kubidu-source', ...defaultClientConditions] },
  build: {
    outDir: 'dist/app',
    target: 'es2023',
    // These know light-dark(): lowered, it would no longer follow the color-scheme of the page.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The page's policy allows no data: scripts and no inline ones: everything is a file of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  worker: { format: 'es' },
  server: {
    proxy: { '/api': { target: API }, '/socket.io': { target: API, ws: true } },
  },
});
