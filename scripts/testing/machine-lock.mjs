import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Takes a lock that one process of this machine can have, waiting for it as long as it takes. The system's own file
 * lock (flock) holds it, so that a run that was killed leaves nothing behind which another would have to judge.
 * @param {string} file
 * @param {{ signal: AbortSignal, waiting: (owner: string) => void }} options `waiting` is told once who has it
 * @returns {Promise<{ release(): Promise<void> } | undefined>} undefined where the machine has no flock
 */
export async function lockMachine(file, { signal, waiting }) {
  const held = await holder(['-n', file], signal);
  if (held === 'missing') return undefined;
  if (held !== 'busy') return owned(file, held);
  waiting(ownerOf(file));
  const later = await holder([file], signal);
  if (typeof later === 'string') throw new Error(`could not lock ${file}`);
  return owned(file, later);
}

/**
 * Starts `flock … cat`: it says a word once it has the lock, and ends, giving it back, when its input does.
 * @param {readonly string[]} args
 * @param {AbortSignal} signal ends the waiting, not the holding
 * @returns {Promise<import('node:child_process').ChildProcess | 'busy' | 'missing'>}
 */
function holder(args, signal) {
  return new Promise((resolve, reject) => {
    const child = spawn('flock', ['-o', ...args, 'sh', '-c', 'echo held; exec cat'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      // Its own process group: Ctrl-C must not give the lock back before we have cleaned up.
      detached: true,
    });
    const giveUp = () => {
      child.kill();
      reject(signal.reason);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    const settle = (/** @type {import('node:child_process').ChildProcess | 'busy' | 'missing'} */ answer) => {
      signal.removeEventListener('abort', giveUp);
      resolve(answer);
    };
    child.stdout.once('data', () => settle(child));
    child.once('error', () => settle('missing'));
    child.once('exit', () => settle('busy'));
    child.stdin.on('error', () => {});
    if (signal.aborted) giveUp();
  });
}

/** @type {(file: string) => string} */
function ownerOf(file) {
  try {
    return readFileSync(`${file}.owner`, 'utf8').trim() || 'another process';
  } catch {
    return 'another process';
  }
}

/**
 * @param {string} file
 * @param {import('node:child_process').ChildProcess} child
 */
function owned(file, child) {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  writeFileSync(`${file}.owner`, `process ${process.pid}, since ${new Date().toISOString()}\n`);
  return {
    async release() {
      writeFileSync(`${file}.owner`, '');
      child.stdin?.end();
      await ended;
    },
  };
}
