// npm run bench [-- name …]: installs, builds, brings up the real components that benchmarks need, runs them, and takes
// down what it started. Its exit status is 1 when a bar was missed, and when a benchmark could not run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import { Cluster } from './testing/cluster.mjs';
import { provideRedis } from './testing/redis-server.mjs';
import { build } from './workspace/built.mjs';
import { install } from './workspace/installed.mjs';
import { root } from './workspace/root.mjs';

const stop = new AbortController();
for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(name, () => stop.abort());

const cluster = new Cluster();
try {
  await install({ signal: stop.signal });
  await build({ quiet: true, signal: stop.signal });
  for (const missing of [await provideRedis(stop.signal), await cluster.join(stop.signal)])
    if (missing !== undefined) process.stderr.write(`${missing}\n`);
  const child = spawn(process.execPath, [path.join(root, 'bench/dist/run.js'), ...process.argv.slice(2)], {
    cwd: root,
    env: { ...process.env, ...cluster.env },
    stdio: 'inherit',
    signal: stop.signal,
  });
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
} catch (error) {
  if (!stop.signal.aborted) process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await cluster.leave();
}
