// npm run check:versions: the packages agree with each other. Each dependency has one version in the workspace, each
// of ours is wanted as it is, and TypeScript's references say the same as package.json.
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { packages, readJson, root } from './workspace/root.mjs';

const all = packages();
const own = new Map(all.map((found) => [found.manifest.name, found]));
/** @type {string[]} */
const problems = [];

/** Which range is wanted of a dependency, and by whom. @type {Map<string, Map<string, string[]>>} */
const wanted = new Map();
for (const { folder, manifest } of [
  ...all,
  { folder: 'the root', manifest: readJson(path.join(root, 'package.json')) },
]) {
  for (const [name, range] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    const ranges = wanted.get(name) ?? new Map();
    ranges.set(range, [...(ranges.get(range) ?? []), folder]);
    wanted.set(name, ranges);
  }
}
for (const [name, ranges] of wanted) {
  if (ranges.size > 1) {
    const who = [...ranges].map(([range, folders]) => `${range} (${folders.join(', ')})`);
    problems.push(`${name} is wanted in ${ranges.size} versions: ${who.join(', ')}`);
  }
  const version = own.get(name)?.manifest.version;
  if (version !== undefined && !ranges.has(version)) problems.push(`${name} is ${version}, but wanted as another`);
}

/** @type {(file: string) => string[]} */
const referencesOf = (file) =>
  (JSON.parse(readFileSync(file, 'utf8').replace(/^\s*\/\/.*$/gm, '')).references ?? []).map(
    (/** @type {{ path: string }} */ reference) => path.basename(reference.path),
  );

const listed = referencesOf(path.join(root, 'tsconfig.json'));
for (const { folder, path: place, manifest } of all) {
  const where = path.relative(root, place);
  const expectedName = folder === 'cli' ? 'kubidu' : `@kubidu/${folder}`;
  if (manifest.name !== expectedName) problems.push(`${where} is named ${manifest.name}, not ${expectedName}`);
  if (manifest.license !== 'Apache-2.0') problems.push(`${where} does not say its license`);
  if (manifest.type !== 'module') problems.push(`${where} is no ES module`);
  if (!manifest.description) problems.push(`${where} has no description`);
  if (!listed.includes(folder)) problems.push(`tsconfig.json does not refer to ${where}`);
  const references = referencesOf(path.join(place, 'tsconfig.json'));
  const needed = Object.keys(manifest.dependencies ?? {}).flatMap((name) => own.get(name)?.folder ?? []);
  for (const name of needed.filter((one) => !references.includes(one))) {
    problems.push(`${where}/tsconfig.json does not refer to ${name}, which package.json depends on`);
  }
  // Tests import testing, which imports everything: declared, that would be a circle, and every start would build it.
  if (
    !manifest.private &&
    Object.hasOwn({ ...manifest.dependencies, ...manifest.devDependencies }, '@kubidu/testing')
  ) {
    problems.push(`${where}/package.json names @kubidu/testing, which tests import without`);
  }
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  for (const name of references.filter((one) => !declared.some((dependency) => own.get(dependency)?.folder === one))) {
    problems.push(`${where}/tsconfig.json refers to ${name}, which package.json does not depend on`);
  }
}
for (const name of listed.filter((one) => !all.some((found) => found.folder === one))) {
  problems.push(`tsconfig.json refers to packages/${name}, which is not there`);
}

for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
