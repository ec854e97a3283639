import { existsSync, readFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import { root } from '../workspace/root.mjs';

/** A suite that is this long without an end is hanging; in its long form one file alone reads for half an hour. */
const LIMIT_MS = { brief: 30 * 60_000, long: 3 * 60 * 60_000 };
/** How long jest may take to exit once it has written its results; longer means that a test left something open. */
const EXIT_MS = 15_000;

/**
 * @typedef {object} Tally
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @typedef {Tally & { problems: string[], seconds: Map<string, number> }} Outcome `problems` are failures that no test
 *   counts: they are in `failed`. `seconds` are of each file that ran, by absolute path
 */

/**
 * Runs test files with jest, the longest first.
 * @param {readonly string[]} files absolute
 * @param {object} options
 * @param {number} options.workers how many files at a time
 * @param {string} options.report where jest writes its results; must not exist yet
 * @param {(line: string) => void} options.say takes jest's own report
 * @param {NodeJS.ProcessEnv} options.env
 * @param {AbortSignal} options.signal
 * @returns {Promise<Outcome>}
 */
export async function runJest(files, { workers, report, say, env, signal }) {
  const jest = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const flags = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning'];
  const order = path.join(root, 'scripts', 'testing', 'longest-first.mjs');
  const results = ['--json', '--outputFile', report];
  const args = [
    ...results,
    '--testSequencer',
    order,
    ...(workers === 1 ? ['--runInBand'] : [`--maxWorkers=${workers}`]),
  ];
  const child = spawn(process.execPath, [...flags, jest, ...args, '--runTestsByPath', ...files], {
    cwd: root,
    env: process.stderr.isTTY && !env.NO_COLOR ? { ...env, FORCE_COLOR: '1' } : env,
    // stdout repeats the results as JSON. Its own process group, so that what it started ends with it.
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let forced = false;
  createInterface({ input: child.stderr }).on('line', (line) => {
    const text = stripVTControlCharacters(line);
    // jest ends a worker that does not end by itself and then calls the run a success.
    forced ||= text.startsWith('A worker process has failed to exit gracefully');
    // One line that names every file again, and one that names a file which is about to go.
    if (!/^(Ran all test suites|Test results written to)/.test(text)) say(line);
  });
  const limitMs = env['KUBIDU_TEST_LONG'] === undefined ? LIMIT_MS.brief : LIMIT_MS.long;
  const end = await ended(child, { report, limitMs, signal });
  const { code, hung = forced ? 'a worker had to be ended: one of its tests left something open' : undefined } = end;
  if (!existsSync(report)) {
    const why = hung ?? `jest ended with status ${code} and without results`;
    return { passed: 0, failed: 1, skipped: 0, problems: [why], seconds: new Map() };
  }
  return judge(JSON.parse(readFileSync(report, 'utf8')), { code, hung });
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {{ report: string, limitMs: number, signal: AbortSignal }} options
 * @returns {Promise<{ code: number | null, hung?: string }>}
 */
function ended(child, { report, limitMs, signal }) {
  return new Promise((resolve) => {
    const started = Date.now();
    /** @type {number | undefined} */ let reported;
    /** @type {string | undefined} */ let hung;
    const end = (/** @type {NodeJS.Signals} */ name) => {
      try {
        process.kill(-(child.pid ?? 0), name);
      } catch {
        // It has just ended by itself.
      }
    };
    const stop = () => {
      end('SIGTERM');
      setTimeout(() => end('SIGKILL'), 5_000).unref();
    };
    const watch = setInterval(() => {
      if (existsSync(report)) reported ??= Date.now();
      if (reported !== undefined && Date.now() - reported > EXIT_MS)
        hung ??= 'jest did not exit: a test left something open';
      if (Date.now() - started > limitMs) hung ??= `jest did not end within ${limitMs / 60_000} minutes`;
      if (hung !== undefined) end('SIGKILL');
    }, 500);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const finish = (/** @type {number | null} */ code) => {
      clearInterval(watch);
      signal.removeEventListener('abort', stop);
      resolve(hung === undefined ? { code } : { code, hung });
    };
    child.once('exit', finish);
    child.once('error', () => finish(null));
  });
}

/**
 * @param {any} results jest's own
 * @param {{ code: number | null, hung?: string | undefined }} end
 * @returns {Outcome}
 */
export function judge(results, { code, hung }) {
  /** @type {string[]} */
  const problems = results.testResults
    .filter((/** @type {any} */ file) => file.status === 'failed' && file.assertionResults.length === 0)
    .map((/** @type {any} */ file) => `${path.relative(root, file.name)} could not run`);
  if (hung !== undefined) problems.push(hung);
  const failed = results.numFailedTests + problems.length;
  if (code !== 0 && failed === 0) problems.push(`jest ended with status ${code} though no test failed`);
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + problems.length,
    skipped: results.numPendingTests + results.numTodoTests,
    problems,
    seconds: new Map(
      results.testResults.map((/** @type {any} */ file) => [
        file.name,
        Math.max(1, Math.round((file.endTime - file.startTime) / 1_000)),
      ]),
    ),
  };
}
