import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

/** The repository's root, absolute. */
export const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/[/\\]$/, '');

/**
 * @typedef {object} Package
 * @property {string} folder the name of its folder
 * @property {string} path absolute path of that folder
 * @property {Record<string, any>} manifest its package.json
 */

/** @type {(file: string) => any} */
export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/**
 * Every package of the workspace, by folder name; `bench` is one, though it is not published.
 * @returns {Package[]}
 */
export function packages() {
  return readdirSync(path.join(root, 'packages'))
    .sort()
    .map((folder) => ({ folder, path: path.join(root, 'packages', folder) }))
    .concat({ folder: 'bench', path: path.join(root, 'bench') })
    .filter((found) => existsSync(path.join(found.path, 'package.json')))
    .map((found) => ({ ...found, manifest: readJson(path.join(found.path, 'package.json')) }));
}

/**
 * Files under a folder, absolute and sorted; nothing of node_modules, dist or hidden folders.
 * @param {string} folder
 * @returns {string[]}
 */
export function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !/^(\.|node_modules$|dist$)/.test(entry.name))
    .flatMap((entry) => {
      const found = path.join(folder, entry.name);
      if (entry.isDirectory()) return filesUnder(found);
      return entry.isFile() ? [found] : [];
    })
    .sort();
}
