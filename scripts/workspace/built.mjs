import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import path from 'node:path';

import { run } from './child.mjs';
import { filesUnder, packages, root } from './root.mjs';

/** @typedef {import('./root.mjs').Package} Package */

/**
 * The packages of these names and all of ours that they need; without names, every package.
 * @param {readonly string[]} names
 * @returns {Package[]}
 */
function withDependencies(names) {
  const all = packages();
  if (names.length === 0) return all;
  const found = new Set(names);
  // A set may grow while it is walked: what is added is walked too.
  for (const name of found) {
    const { dependencies = {} } = all.find(({ manifest }) => manifest.name === name)?.manifest ?? {};
    for (const needed of Object.keys(dependencies))
      if (all.some(({ manifest }) => manifest.name === needed)) found.add(needed);
  }
  return all.filter(({ manifest }) => found.has(manifest.name));
}

/** What a build depends on, by name, size and time: cheap enough to ask at every start. @type {(found: readonly Package[]) => string} */
function fingerprint(found) {
  const hash = createHash('sha256');
  const files = [
    ...['package-lock.json', 'tsconfig.base.json', 'nx.json'].map((name) => path.join(root, name)),
    ...found.flatMap((one) => filesUnder(one.path)),
  ];
  for (const file of files) {
    if (/\.test\.tsx?$/.test(file)) continue;
    const { size, mtimeMs } = statSync(file);
    hash.update(`${path.relative(root, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** Where it is noted what was built last. @type {(names: readonly string[]) => string} */
const noteOf = (names) => path.join(root, '.nx', `built-${names.join('-').replaceAll(/[^\w-]/g, '') || 'all'}`);

/** Whether the packages were built from the sources as they are. @type {(names: readonly string[], found: readonly Package[]) => boolean} */
function isBuilt(names, found) {
  const note = noteOf(names);
  if (!existsSync(note) || readFileSync(note, 'utf8') !== fingerprint(found)) return false;
  return found.every((one) => existsSync(path.join(one.path, 'dist')));
}

/**
 * Builds every package that changed, or whose dependencies did.
 * @param {object} [options]
 * @param {readonly string[]} [options.names] only these and what they need
 * @param {boolean} [options.quiet] prints only what went wrong
 * @param {AbortSignal | undefined} [options.signal]
 * @throws {Error} when a package does not build
 */
export async function build({ names = [], quiet = false, signal } = {}) {
  const found = withDependencies(names);
  const before = fingerprint(found);
  const fresh = found.filter((one) => !existsSync(path.join(one.path, 'dist')));
  if (fresh.length > 0) await compile(fresh, { quiet, signal });
  const nx = path.join(root, 'node_modules', 'nx', 'dist', 'bin', 'nx.js');
  const which = names.length > 0 ? ['--projects', names.join()] : [];
  const args = ['run-many', '-t', 'build', ...which, '--outputStyle=static'];
  const status = await run(process.execPath, [nx, ...args], { quiet, signal });
  if (status !== 0) throw new Error(`the build ended with status ${status}`);
  mkdirSync(path.join(root, '.nx'), { recursive: true });
  writeFileSync(noteOf(names), before);
}

/**
 * Compiles packages that were never built with one compiler: the many of nx, one after the other, would each read again
 * what the others have read. They find their work done.
 * @param {readonly Package[]} fresh
 * @param {{ quiet: boolean, signal?: AbortSignal | undefined }} options
 * @throws {Error} when it does not compile
 */
async function compile(fresh, options) {
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const status = await run(process.execPath, [tsc, '-b', ...fresh.map((one) => one.path)], options);
  if (status !== 0) throw new Error(`the compiler ended with status ${status}`);
}

/**
 * As {@link build}, but only if something changed since the last one.
 * @param {{ names: readonly string[], signal?: AbortSignal | undefined }} options
 */
export async function buildWhenNeeded({ names, signal }) {
  if (isBuilt(names, withDependencies(names))) return;
  process.stderr.write('Building …\n');
  await build({ names, quiet: true, signal });
}
