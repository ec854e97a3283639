// npm test: installs, builds, brings up the real components that the suites need, runs every suite, takes down what it
// started, and ends with one line: N passed, N failed[, N skipped].
//
//   npm test                       everything
//   npm test -- tail 'api/.*redis' test files whose path matches one of these regular expressions
//   npm test -- --only unit        one suite (repeatable): unit, redis, s3, moto, system, archive, browser, docker, kubernetes,
//                                  rotation
//   npm test -- --long             the long forms of the tests that have one
//   npm test -- --note-durations   notes how long each file took, by which later runs begin with the longest
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { provideChromium } from './testing/chromium.mjs';
import { Cluster } from './testing/cluster.mjs';
import { Docker } from './testing/docker.mjs';
import { note } from './testing/durations.mjs';
import { runJest } from './testing/jest-run.mjs';
import { provideMoto } from './testing/moto.mjs';
import { Needs } from './testing/needs.mjs';
import { provideRedis } from './testing/redis-server.mjs';
import { provideS3 } from './testing/s3.mjs';
import { Sandbox } from './testing/sandbox.mjs';
import { schedule } from './testing/schedule.mjs';
import { countTests, killsComponents, suites, testFiles } from './testing/suites.mjs';
import { build } from './workspace/built.mjs';
import { install } from './workspace/installed.mjs';
import { root } from './workspace/root.mjs';

/**
 * What may come up while suites run that do not need it, in the order in which it is needed: it takes an installation
 * at most, and costs nothing once it is there. A cluster takes half a core for as long as it is up.
 */
const AHEAD = ['redis', 'moto', 'chromium', 'docker'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', multiple: true, default: [] },
    long: { type: 'boolean', default: false },
    'note-durations': { type: 'boolean', default: false },
  },
});
const only = values.only.includes('kubernetes') ? [...values.only, 'rotation'] : values.only;
const unknown = only.filter((name) => !suites.some((suite) => suite.name === name));

/** With the command `kubidu` on it, as npm has it, whoever started us. */
const PATH = `${path.join(root, 'node_modules', '.bin')}${path.delimiter}${process.env.PATH ?? ''}`;

const stop = new AbortController();
for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(name, () => stop.abort());

const cluster = new Cluster();
const docker = new Docker();
/** One for each run, as what one leaves is not to be looked for in another beside it. @type {Set<Sandbox>} */
const sandboxes = new Set();
const total = { passed: 0, failed: 0, skipped: 0 };
/** Of each file. @type {Map<string, number>} */
const seconds = new Map();
/** @type {string[]} */
const notes = [];

/** @type {(text: string) => void} */
const say = (text) => void process.stderr.write(`${text}\n`);

/** @type {(problem: string) => void} */
function fail(problem) {
  total.failed += 1;
  notes.push(`FAILED: ${problem}`);
  say(`FAILED: ${problem}`);
}

/** @type {(name: string, files: readonly string[], why: string) => void} */
function leaveOut(name, files, why) {
  const count = files.reduce((sum, file) => sum + countTests(file), 0);
  total.skipped += count;
  notes.push(`left out: ${files.length} files of ${name} (${count} tests or tables of tests), because ${why}`);
}

/** @type {Promise<unknown>} */
let ahead = Promise.resolve();
const needs = new Needs({
  build: () => build({ quiet: true, signal: stop.signal }).then(() => undefined),
  redis: () => provideRedis(stop.signal),
  s3: () => provideS3(),
  moto: () => provideMoto(stop.signal),
  chromium: () => provideChromium(stop.signal),
  docker: () => docker.join(stop.signal),
  // Its script may install something, too.
  cluster: () => ahead.then(() => cluster.join(stop.signal)),
  rotation: () => cluster.rotation(),
});

/** A cluster that was only given cannot have its parts killed. @type {(name: string, files: string[]) => string[]} */
function withoutRestarts(name, files) {
  const impossible = files.filter(killsComponents);
  if (impossible.length > 0)
    leaveOut(name, impossible, 'no script (KUBIDU_CLUSTER_SCRIPT) can restart parts of the cluster');
  return files.filter((file) => !impossible.includes(file));
}

/** Only the script can start a registry. @type {(name: string, files: string[]) => string[]} */
function withoutRegistry(name, files) {
  const impossible = files.filter((file) => /\bRealRegistry\b/.test(readFileSync(file, 'utf8')));
  if (impossible.length > 0) leaveOut(name, impossible, 'no script (KUBIDU_REGISTRY_SCRIPT) can start a registry');
  return files.filter((file) => !impossible.includes(file));
}

/** The folders that processes name which serve the tests and are none of theirs. */
const daemons = () => [docker.folder, ...(cluster.folder === undefined ? [] : [cluster.folder])];

/** @type {(error: unknown) => string} */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/**
 * Runs the files, and ends what they left.
 * @param {import('./testing/schedule.mjs').Run} run
 * @param {(text: string) => void} tell
 * @returns {ReturnType<typeof runJest>}
 */
async function runFiles({ suite, files, workers }, tell) {
  const sandbox = new Sandbox();
  sandboxes.add(sandbox);
  const outcome = await runJest(files, {
    workers,
    report: sandbox.report,
    say: tell,
    env: {
      ...process.env,
      PATH,
      ...sandbox.env,
      ...(suite.needs.includes('docker') && docker.env),
      ...(suite.needs.includes('cluster') && cluster.env),
      ...(values.long && { KUBIDU_TEST_LONG: '1' }),
    },
    signal: stop.signal,
  });
  const swept = [...(suite.needs.includes('docker') ? await docker.sweep() : []), ...(await sandbox.sweep(daemons()))];
  sandbox.remove();
  sandboxes.delete(sandbox);
  const left = stop.signal.aborted ? [] : swept.map((what) => `after the suite ${what}`);
  return { ...outcome, failed: outcome.failed - outcome.problems.length, problems: [...outcome.problems, ...left] };
}

/** @type {(run: import('./testing/schedule.mjs').Run, tell: (text: string) => void) => Promise<void>} */
async function runSuite(run, tell) {
  const { name, suite } = run;
  let { files } = run;
  const why = await needs.missing(suite.needs);
  if (stop.signal.aborted) return;
  if (why !== undefined) return leaveOut(suite.name, files, why);
  if (suite.needs.includes('cluster') && !cluster.canRestart) files = withoutRestarts(suite.name, files);
  if (suite.needs.includes('docker') && !docker.hasRegistry) files = withoutRegistry(suite.name, files);
  if (files.length === 0) return;
  const started = Date.now();
  tell(`\n— ${name}: ${files.length} files`);
  const outcome = await runFiles({ ...run, files }, tell);
  total.passed += outcome.passed;
  total.failed += outcome.failed;
  total.skipped += outcome.skipped;
  for (const [file, one] of outcome.seconds) seconds.set(file, one);
  if (!stop.signal.aborted) for (const problem of outcome.problems) fail(`${suite.name}: ${problem}`);
  const failed = outcome.failed + outcome.problems.length;
  tell(`— ${name}: ${outcome.passed} passed, ${failed} failed in ${Math.round((Date.now() - started) / 1_000)} s`);
}

/**
 * One after the other. What one needs and does not get is no reason to keep the others from running.
 * @param {readonly import('./testing/schedule.mjs').Run[]} runs
 * @param {(text: string) => void} [tell]
 */
async function runAll(runs, tell = say) {
  for (const run of runs) {
    if (stop.signal.aborted) return;
    await runSuite(run, tell).catch((error) => {
      if (!stop.signal.aborted) fail(`${run.suite.name}: ${messageOf(error)}`);
    });
  }
}

async function main() {
  if (unknown.length > 0) return fail(`no suite is named ${unknown.join(', ')}`);
  await install({ signal: stop.signal });
  const chosen = testFiles({ only, patterns: positionals });
  if (chosen.length === 0) return fail(`no test file matches ${positionals.join(' ') || only.join(' ')}`);
  ahead = needs.ahead(AHEAD.filter((need) => chosen.some(({ suite }) => suite.needs.includes(need))));
  const { first, beside } = schedule(chosen);
  await runAll(first);
  if (beside.length === 1) return runAll(beside.flat());
  // Each line says whose it is.
  const tellOf = (/** @type {string} */ name) => (/** @type {string} */ text) =>
    say(text.replaceAll(/^/gm, `${name} │ `));
  await Promise.all(beside.map((runs) => runAll(runs, tellOf(runs[0]?.suite.name ?? ''))));
}

try {
  await main();
} catch (error) {
  if (!stop.signal.aborted) fail(messageOf(error));
} finally {
  // What is still being brought up could not be taken down.
  await needs.settled();
  await docker.leave().catch((error) => fail(`the Docker engine: ${messageOf(error)}`));
  await cluster.leave().catch((error) => fail(`the cluster: ${messageOf(error)}`));
  for (const sandbox of sandboxes) {
    await sandbox.sweep(daemons(), { graceMs: 0 });
    sandbox.remove();
  }
}
// The long forms would say nothing of the others.
if (values['note-durations'] && !values.long) note(seconds);
if (stop.signal.aborted) fail('the run was stopped before its end');
for (const note of notes) say(note);
say('');
const { passed, failed, skipped } = total;
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = stop.signal.aborted ? 130 : failed > 0 ? 1 : 0;
