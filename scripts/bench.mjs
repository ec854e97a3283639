// npm run bench [-- name …]: installs, builds, brings up the real components that the benchmarks need, runs them, and takes
// down what it started. Its exit status is 1 when a bar was missed, and when a benchmark could not run: it says which were
// left out, and why.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';

import { Cluster } from './testing/cluster.mjs';
import { Docker } from './testing/docker.mjs';
import { provideRedis } from './testing/redis-server.mjs';
import { build } from './workspace/built.mjs';
import { install } from './workspace/installed.mjs';
import { root } from './workspace/root.mjs';

const stop = new AbortController();
for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(name, () => stop.abort());

const compiled = path.join(root, 'bench/dist');
const SUFFIX = '.bench.js';
const cluster = new Cluster();
const docker = new Docker();

/** @type {(text: string) => void} */
const say = (text) => void process.stderr.write(`${text}\n`);

/** Whether a need is met; each is looked into once. The value is why not. @type {Map<string, Promise<string | undefined>>} */
const met = new Map();
/** @type {Record<string, () => Promise<string | undefined>>} */
const provide = {
  redis: () => provideRedis(stop.signal),
  cluster: () => cluster.join(stop.signal),
  docker: () => docker.join(stop.signal),
};

/** @type {(name: string) => Promise<string | undefined>} */
async function missing(name) {
  /** @type {import('../bench/src/benchmark.ts').Benchmark} */
  const { needs = [] } = await import(path.join(compiled, `${name}${SUFFIX}`));
  for (const need of ['redis', ...needs]) {
    if (!met.has(need)) met.set(need, provide[need]?.() ?? Promise.resolve(`nothing provides ${need}`));
    const why = await met.get(need);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** The benchmarks among those asked for that can run. @type {(asked: readonly string[]) => Promise<string[]>} */
async function possible(asked) {
  const names = readdirSync(compiled).flatMap((file) => (file.endsWith(SUFFIX) ? [file.slice(0, -SUFFIX.length)] : []));
  /** @type {string[]} */
  const found = [];
  for (const name of asked.length > 0 ? asked : names) {
    // One that there is not is told by the runner.
    const why = names.includes(name) ? await missing(name) : undefined;
    if (why === undefined) found.push(name);
    else say(`left out: ${name}, because ${why}`);
    if (why !== undefined) process.exitCode = 1;
  }
  return found;
}

/** @type {(names: readonly string[]) => Promise<number>} */
async function runAll(names) {
  const child = spawn(process.execPath, [path.join(compiled, 'run.js'), ...names], {
    cwd: root,
    env: { ...process.env, ...docker.env, ...cluster.env },
    stdio: 'inherit',
    signal: stop.signal,
  });
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

try {
  await install({ signal: stop.signal });
  await build({ quiet: true, signal: stop.signal });
  const names = await possible(process.argv.slice(2));
  // Without a name the runner runs all of them.
  if (names.length > 0) process.exitCode = (await runAll(names)) || process.exitCode;
} catch (error) {
  if (!stop.signal.aborted) say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  await docker
    .leave()
    .catch((error) => say(`the Docker engine: ${error instanceof Error ? error.message : String(error)}`));
  await cluster.leave();
}
