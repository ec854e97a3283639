// npm run docs:generate: writes the reference pages that the sources determine. Needs the build.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { generatedPages } from './docs/pages.mjs';
import { root } from './workspace/root.mjs';

for (const { file, text } of await generatedPages()) {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
  process.stderr.write(`${file}\n`);
}
