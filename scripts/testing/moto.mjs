import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { run } from '../workspace/child.mjs';
import { root } from '../workspace/root.mjs';

/** An S3 in Python that knows what ours does not, like lifecycle rules; the least of it that runs as a server. */
const PACKAGES = ['moto[s3]==5.1.18', 'flask==3.1.2', 'flask-cors==6.0.1'];
/** Where RealMoto looks for it. */
const folder = path.join(root, '.cache', 'moto');
/** Says of what the folder was made; written last. */
const made = path.join(folder, 'made-of');

/**
 * Makes sure that there is a moto server, in a Python environment of its own; tests start their own servers from it.
 * @param {AbortSignal} signal
 * @returns {Promise<string | undefined>} why there is none
 */
export async function provideMoto(signal) {
  const mark = `${made}-${PACKAGES.join('-').replaceAll(/[^\w.-]/g, '')}`;
  if (existsSync(mark)) return undefined;
  if (spawnSync('python3', ['-c', 'import venv, ensurepip'], { stdio: 'ignore' }).status !== 0)
    return 'python3 with venv is not installed, which moto takes';
  process.stderr.write('Installing moto …\n');
  rmSync(folder, { recursive: true, force: true });
  const pip = path.join(folder, 'bin', 'pip');
  const installed =
    (await run('python3', ['-m', 'venv', folder], { quiet: true, signal })) === 0 &&
    (await run(pip, ['install', '--quiet', '--disable-pip-version-check', ...PACKAGES], { quiet: true, signal })) === 0;
  if (!installed) return 'moto could not be installed with pip';
  writeFileSync(mark, '');
  return undefined;
}
