import { spawn } from 'node:child_process';
import os from 'node:os';

import { root } from './root.mjs';

/**
 * Runs a command to its end in the repository's root. Its output goes to our stderr, so that stdout stays the caller's.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, quiet?: boolean, signal?: AbortSignal | undefined }} [options] `quiet` shows the output only
 *   when the command fails
 * @returns {Promise<number>} its exit status; 128 + the signal's number when a signal ended it
 */
export function run(command, args, { env = process.env, quiet = false, signal } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {Buffer[]} */
    const kept = [];
    for (const output of [child.stdout, child.stderr]) {
      output.on('data', (chunk) => (quiet ? kept.push(chunk) : process.stderr.write(chunk)));
    }
    child.on('error', reject);
    child.on('close', (code, ended) => {
      if (code !== 0) for (const chunk of kept) process.stderr.write(chunk);
      resolve(code ?? 128 + (ended ? os.constants.signals[ended] : 0));
    });
  });
}
