// npm test: installs, builds, brings up the real components that the suites need, runs every suite, takes down what it
// started, and ends with one line: N passed, N failed[, N skipped].
//
//   npm test                       everything
//   npm test -- tail 'api/.*redis' test files whose path matches one of these regular expressions
//   npm test -- --only unit        one suite (repeatable): unit, redis, s3, moto, system, archive, browser, docker, kubernetes,
//                                  rotation
//   npm test -- --long             the long forms of the tests that have one
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { provideChromium } from './testing/chromium.mjs';
import { Cluster } from './testing/cluster.mjs';
import { Docker } from './testing/docker.mjs';
import { runJest } from './testing/jest-run.mjs';
import { provideMoto } from './testing/moto.mjs';
import { provideRedis } from './testing/redis-server.mjs';
import { provideS3 } from './testing/s3.mjs';
import { Sandbox } from './testing/sandbox.mjs';
import { countTests, killsComponents, suites, testFiles } from './testing/suites.mjs';
import { build } from './workspace/built.mjs';
import { install } from './workspace/installed.mjs';
import { root } from './workspace/root.mjs';

/** What the kubelet's containerLogMaxSize is for the tests of rotation: small enough to rotate every few seconds. */
const ROTATION = '200Ki';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', multiple: true, default: [] }, long: { type: 'boolean', default: false } },
});
const only = values.only.includes('kubernetes') ? [...values.only, 'rotation'] : values.only;
const unknown = only.filter((name) => !suites.some((suite) => suite.name === name));

/** With the command `kubidu` on it, as npm has it, whoever started us. */
const PATH = `${path.join(root, 'node_modules', '.bin')}${path.delimiter}${process.env.PATH ?? ''}`;

const stop = new AbortController();
for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(name, () => stop.abort());

const sandbox = new Sandbox();
const cluster = new Cluster();
const docker = new Docker();
const total = { passed: 0, failed: 0, skipped: 0 };
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

/** Whether a need is met; each is looked into once. The value is why not. @type {Map<string, Promise<string | undefined>>} */
const met = new Map();
/** @type {Record<string, () => Promise<string | undefined>>} */
const provide = {
  build: () => build({ quiet: true, signal: stop.signal }).then(() => undefined),
  redis: () => provideRedis(stop.signal),
  s3: () => provideS3(),
  moto: () => provideMoto(stop.signal),
  chromium: () => provideChromium(stop.signal),
  docker: () => docker.join(stop.signal),
  cluster: () => cluster.join(stop.signal),
  rotation: () => cluster.rotateAt(ROTATION, stop.signal),
};

/** @type {(needs: readonly string[]) => Promise<string | undefined>} */
async function missing(needs) {
  for (const need of needs) {
    if (!met.has(need)) met.set(need, provide[need]?.() ?? Promise.resolve(`nothing provides ${need}`));
    const why = await met.get(need);
    if (why !== undefined) return why;
  }
  return undefined;
}

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
 * First what may run side by side, then one by one what may not.
 * @type {(suite: import('./testing/suites.mjs').Suite, files: string[]) => ReturnType<typeof runJest>}
 */
async function runFiles(suite, files) {
  const sum = { passed: 0, failed: 0, skipped: 0, problems: /** @type {string[]} */ ([]) };
  for (const inBand of [false, true]) {
    const chosen = files.filter((file) => suite.alone(file) === inBand);
    if (chosen.length === 0 || stop.signal.aborted) continue;
    const result = await runJest(chosen, {
      inBand,
      report: sandbox.reportOf(`${suite.name}-${inBand ? 'alone' : 'beside'}`),
      env: {
        ...process.env,
        PATH,
        ...sandbox.env,
        ...docker.env,
        ...cluster.env,
        ...(values.long && { KUBIDU_TEST_LONG: '1' }),
      },
      signal: stop.signal,
    });
    sum.passed += result.passed;
    sum.failed += result.failed;
    sum.skipped += result.skipped;
    sum.problems.push(...result.problems);
  }
  return sum;
}

/** @type {(found: { suite: import('./testing/suites.mjs').Suite, files: string[] }) => Promise<void>} */
async function runSuite({ suite, files }) {
  const why = await missing(suite.needs);
  if (stop.signal.aborted) return;
  if (why !== undefined) return leaveOut(suite.name, files, why);
  if (suite.needs.includes('cluster') && !cluster.canRestart) files = withoutRestarts(suite.name, files);
  if (suite.needs.includes('docker') && !docker.hasRegistry) files = withoutRegistry(suite.name, files);
  const started = Date.now();
  say(`\n— ${suite.name}: ${files.length} files`);
  const { passed, failed, skipped, problems } = await runFiles(suite, files);
  total.passed += passed;
  total.failed += failed - problems.length;
  total.skipped += skipped;
  const swept = [...(await docker.sweep()), ...(await sandbox.sweep(daemons()))];
  const left = swept.map((what) => `after the suite ${what}`);
  if (!stop.signal.aborted) for (const problem of [...problems, ...left]) fail(`${suite.name}: ${problem}`);
  say(`— ${suite.name}: ${passed} passed, ${failed} failed in ${Math.round((Date.now() - started) / 1_000)} s`);
}

async function main() {
  if (unknown.length > 0) return fail(`no suite is named ${unknown.join(', ')}`);
  await install({ signal: stop.signal });
  const chosen = testFiles({ only, patterns: positionals });
  if (chosen.length === 0) return fail(`no test file matches ${positionals.join(' ') || only.join(' ')}`);
  for (const found of chosen) {
    if (stop.signal.aborted) return;
    // What one suite needs and does not get is no reason to keep the others from running.
    await runSuite(found).catch((error) => {
      if (!stop.signal.aborted) fail(`${found.suite.name}: ${messageOf(error)}`);
    });
  }
}

try {
  await main();
} catch (error) {
  if (!stop.signal.aborted) fail(messageOf(error));
} finally {
  await docker.leave().catch((error) => fail(`the Docker engine: ${messageOf(error)}`));
  await cluster.leave().catch((error) => fail(`the cluster: ${messageOf(error)}`));
  await sandbox.sweep(daemons(), { graceMs: 0 });
  sandbox.remove();
}
if (stop.signal.aborted) fail('the run was stopped before its end');
for (const note of notes) say(note);
say('');
const { passed, failed, skipped } = total;
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = stop.signal.aborted ? 130 : failed > 0 ? 1 : 0;
