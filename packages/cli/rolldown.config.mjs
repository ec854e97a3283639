import { defineConfig } from 'rolldown';

import { thirdPartyLicences } from '../../scripts/bundle/third-party-licences.mjs';

/** What a command needs to start in a few files: of its 150 modules the loading took longer than most commands run. */
export default defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  plugins: [thirdPartyLicences()],
  // Optional parts of ws, and what only `deploy` needs.
  external: ['bufferutil', 'utf-8-validate', 'tar', '@balena/dockerignore'],
  resolve: { conditionNames: ['kubidu-source', 'node', 'import', 'default'] },
  transform: { target: 'node20' },
  output: { dir: 'dist', format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'parts/[name].js' },
});
