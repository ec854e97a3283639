import { defineConfig } from 'rolldown';

import { thirdPartyLicences } from '../../scripts/bundle/third-party-licences.mjs';

/** Replaces what the compiler made of src/kube-config.ts; without it that works too, slowly. */
export default defineConfig({
  input: 'src/kube-config.ts',
  platform: 'node',
  plugins: [thirdPartyLicences()],
  transform: { target: 'node20' },
  // Its modules only define things: those that nobody uses may be left out.
  treeshake: { moduleSideEffects: [{ test: /@kubernetes[\\/]client-node/, sideEffects: false }] },
  output: { file: 'dist/kube-config.js', format: 'esm' },
});
