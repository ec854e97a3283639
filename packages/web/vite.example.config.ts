import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

const API = process.env.KUBIDU_SERVER ?? 'http://127.0.0.1:3000';
const proxy = { '/api': { target: API }, '/socket.io': { target: API, ws: true } };

/** Another dashboard that shows our viewer, before a running API: `npm run example -w @kubidu/web`. */
export default defineConfig({
  root: 'examples',
  plugins: [react(), tailwindcss()],
  resolve: { conditions: ['kubidu-source', ...defaultClientConditions] },
  build: { outDir: '../dist/example', emptyOutDir: true, target: 'es2023' },
  server: { port: 5180, proxy },
  preview: { port: 5180, proxy },
});
