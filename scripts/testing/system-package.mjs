import { spawnSync } from 'node:child_process';

import { run } from '../workspace/child.mjs';

/** Whether the command is on the path. @type {(command: string) => boolean} */
const has = (command) => spawnSync('sh', ['-c', 'command -v "$0"', command], { stdio: 'ignore' }).status === 0;

/**
 * Makes sure that a command is there, from Debian's package of the same name where it is not.
 * @param {string} name of both the command and the package
 * @param {AbortSignal} signal
 * @returns {Promise<string | undefined>} why there is none
 */
export async function provideCommand(name, signal) {
  if (has(name)) return undefined;
  if (process.getuid?.() !== 0) return `${name} is not installed, and installing it takes root`;
  if (!has('apt-get')) return `${name} is not installed, and this machine has no apt-get to install it with`;
  process.stderr.write(`Installing ${name} …\n`);
  // RUNLEVEL=1 keeps Debian from starting a server of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const quietly = { env, quiet: true, signal };
  await run('apt-get', ['update', '-qq'], quietly);
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], quietly);
  return has(name) ? undefined : `${name} could not be installed with apt-get`;
}
