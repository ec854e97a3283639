import { spawnSync } from 'node:child_process';

import { run } from '../workspace/child.mjs';

/** @type {(command: string) => boolean} */
const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;

/**
 * Makes sure that there is a redis-server binary; the tests start their own servers from it.
 * @param {AbortSignal} signal
 * @returns {Promise<string | undefined>} why there is none
 */
export async function provideRedis(signal) {
  if (has('redis-server')) return undefined;
  if (process.getuid?.() !== 0) return 'redis-server is not installed, and installing it takes root';
  if (!has('apt-get')) return 'redis-server is not installed, and this machine has no apt-get to install it with';
  process.stderr.write('Installing redis-server …\n');
  // RUNLEVEL=1 keeps Debian from starting a server of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  await run('apt-get', ['update', '-qq'], { env, quiet: true, signal });
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'], {
    env,
    quiet: true,
    signal,
  });
  return has('redis-server') ? undefined : 'redis-server could not be installed with apt-get';
}
