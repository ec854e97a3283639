// npm run check:exports: what each package publishes is there after the build, in a form that others can import.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

import { packages } from './workspace/root.mjs';

/** @type {string[]} */
const problems = [];

/** Every file that an exports map or a bin names. @type {(value: unknown) => string[]} */
function targets(value) {
  if (typeof value === 'string') return [value];
  return value === null || typeof value !== 'object' ? [] : Object.values(value).flatMap(targets);
}

/** @type {(place: string, target: string) => boolean} */
function isThere(place, target) {
  if (!target.includes('*')) return existsSync(path.join(place, target));
  const [before, after] = /** @type {[string, string]} */ (target.split('*'));
  const folder = path.join(place, path.dirname(`${before}x`));
  const start = path.basename(`${before}x`).slice(0, -1);
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith(start) && name.endsWith(after));
}

for (const { folder, path: place, manifest } of packages()) {
  if (manifest.private) continue;
  const named = [...targets(manifest.exports), ...targets(manifest.bin)];
  if (named.length === 0) problems.push(`packages/${folder} exports nothing and has no command`);
  for (const target of named.filter((one) => !isThere(place, one))) {
    problems.push(`packages/${folder}: ${target} is named in package.json and is not there (npm run build)`);
  }
  for (const [name, conditions] of Object.entries(manifest.exports ?? {})) {
    const order = typeof conditions === 'object' ? Object.keys(conditions).join() : '';
    if (order !== '' && order !== 'kubidu-source,types,default') {
      problems.push(`packages/${folder}: the export ${name} has conditions ${order}`);
    }
  }
  const { messages, pkg } = await publint({ pkgDir: place, pack: false, level: 'warning', strict: true });
  for (const message of messages) {
    // The condition `kubidu-source` is for this repository and leads to files that are not published.
    const text = formatMessage(message, pkg, { color: false }) ?? message.code;
    if (!text.includes('kubidu-source')) problems.push(`packages/${folder}: ${text}`);
  }
}

for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
