import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { root } from '../workspace/root.mjs';

const file = path.join(root, 'scripts', 'testing', 'durations.json');
/** What takes less is not noted: it fits between the others. */
const LEAST_SECONDS = 3;

/**
 * How long test files took when it was last noted. Old figures cost time and nothing else.
 * @returns {Map<string, number>} seconds, by absolute path
 */
export function noted() {
  /** @type {Record<string, number>} */
  const all = JSON.parse(readFileSync(file, 'utf8'));
  return new Map(Object.entries(all).map(([name, seconds]) => [path.join(root, name), seconds]));
}

/**
 * Notes how long files took, and forgets those that are gone.
 * @param {ReadonlyMap<string, number>} seconds by absolute path
 */
export function note(seconds) {
  const all = [...new Map([...noted(), ...seconds])]
    .filter(([name, one]) => one >= LEAST_SECONDS && existsSync(name))
    .map(([name, one]) => /** @type {const} */ ([path.relative(root, name), one]))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(all), undefined, 2)}\n`);
}
