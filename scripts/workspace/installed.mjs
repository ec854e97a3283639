import { existsSync } from 'node:fs';
import path from 'node:path';

import { run } from './child.mjs';
import { readJson, root } from './root.mjs';

/**
 * Whether node_modules holds what the lock file names. npm keeps its own record of what it installed; comparing the
 * two says more than the files' times, which a checkout or a copy changes.
 */
function isInstalled() {
  const record = path.join(root, 'node_modules', '.package-lock.json');
  const lock = path.join(root, 'package-lock.json');
  if (!existsSync(record) || !existsSync(lock)) return false;
  const have = readJson(record).packages;
  return Object.entries(readJson(lock).packages).every(([place, wanted]) => {
    // Optional ones are for other machines; folders outside node_modules are ours, linked and not installed.
    if (!place.includes('node_modules/') || wanted.optional || wanted.devOptional) return true;
    return have[place] !== undefined && have[place].version === wanted.version && have[place].link === wanted.link;
  });
}

/**
 * Installs what the lock file names, if that is not there yet. Not with `npm ci`: that refuses a lock file without the
 * optional packages for other machines, which a registry that does not carry them keeps out of it.
 * @param {{ signal?: AbortSignal | undefined }} [options]
 * @throws {Error} when npm fails
 */
export async function install({ signal } = {}) {
  if (isInstalled()) return;
  process.stderr.write('Installing dependencies …\n');
  const status = await run('npm', ['install', '--no-save', '--no-audit', '--no-fund'], { quiet: true, signal });
  if (status !== 0) throw new Error(`npm install ended with status ${status}`);
}
