// npm run check: every check of package.json whose name begins with check:, all of them even if one fails.
import path from 'node:path';

import { run } from './workspace/child.mjs';
import { readJson, root } from './workspace/root.mjs';

const LINT = 'check:lint';
const names = Object.keys(readJson(path.join(root, 'package.json')).scripts).filter((name) =>
  name.startsWith('check:'),
);
/** @type {string[]} */
const failed = [];

/** @type {(name: string) => Promise<void>} */
async function check(name) {
  const started = Date.now();
  const status = await run('npm', ['run', '--silent', name], { quiet: true });
  const seconds = ((Date.now() - started) / 1_000).toFixed(1);
  process.stderr.write(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`);
  if (status !== 0) failed.push(name);
}

// The linter takes long and needs nothing of the others, some of which look at what the types' check has built.
const beside = check(LINT);
for (const name of names) if (name !== LINT) await check(name);
await beside;
process.stderr.write(failed.length === 0 ? `${names.length} checks passed\n` : `failed: ${failed.join(', ')}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
