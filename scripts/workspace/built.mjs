import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import path from 'node:path';

import { run } from './child.mjs';
import { filesUnder, packages, root } from './root.mjs';

const stamp = path.join(root, '.nx', 'built');

/** What a build depends on, by name, size and time: cheap enough to ask at every start. */
function fingerprint() {
  const hash = createHash('sha256');
  const files = [
    ...['package-lock.json', 'tsconfig.base.json', 'nx.json'].map((name) => path.join(root, name)),
    ...packages().flatMap((found) => filesUnder(found.path)),
  ];
  for (const file of files) {
    if (/\.test\.tsx?$/.test(file)) continue;
    const { size, mtimeMs } = statSync(file);
    hash.update(`${path.relative(root, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** Whether every package has been built from the sources as they are. */
function isBuilt() {
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== fingerprint()) return false;
  return packages().every((found) => existsSync(path.join(found.path, 'dist')));
}

/**
 * Builds every package that changed, or whose dependencies did.
 * @param {{ quiet?: boolean, signal?: AbortSignal | undefined }} [options] `quiet` prints only what went wrong
 * @throws {Error} when a package does not build
 */
export async function build({ quiet = false, signal } = {}) {
  const before = fingerprint();
  const nx = path.join(root, 'node_modules', 'nx', 'dist', 'bin', 'nx.js');
  // The cache keeps dist as it was made; --outputStyle=static keeps colours and cursor movements out of pipes.
  const status = await run(process.execPath, [nx, 'run-many', '-t', 'build', '--outputStyle=static'], {
    quiet,
    signal,
  });
  if (status !== 0) throw new Error(`the build ended with status ${status}`);
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, before);
}

/**
 * As {@link build}, but only if something changed since the last one.
 * @param {{ signal?: AbortSignal | undefined }} [options]
 */
export async function buildWhenNeeded({ signal } = {}) {
  if (isBuilt()) return;
  process.stderr.write('Building …\n');
  await build({ quiet: true, signal });
}
