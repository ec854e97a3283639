import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** LogViewer for other dashboards: dist/lib, without what they bring themselves. */
export default defineConfig({
  plugins: [react(), tailwindcss()],
  // Workers lie beside the module, wherever the other dashboard serves it from.
  base: './',
  publicDir: false,
  build: {
    outDir: 'dist/lib',
    target: 'es2023',
    // These know light-dark(): lowered, it would no longer follow the color-scheme of the page.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    assetsInlineLimit: 0,
    lib: { entry: 'src/index.ts', formats: ['es'], fileName: 'index', cssFileName: 'style' },
    rollupOptions: { external: [/^react(-dom)?($|\/)/, /^@kubidu\//, /^@tanstack\//] },
  },
  worker: { format: 'es' },
});
