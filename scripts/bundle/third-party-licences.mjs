import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const LICENCE = /^(licen[cs]e|copying|notice)/i;

/** The folder of the package that a module of node_modules belongs to. @type {(module: string) => string | undefined} */
function packageOf(module) {
  for (let folder = path.dirname(module); folder.includes('node_modules'); folder = path.dirname(folder))
    if (existsSync(path.join(folder, 'package.json'))) {
      const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
      // Some have a package.json in a folder of theirs, which says nothing but how its files are read.
      if (name !== undefined && version !== undefined) return folder;
    }
  return undefined;
}

/** @type {(folder: string) => string} */
function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder)
    .filter((file) => LICENCE.test(file))
    .sort()
    .map((file) => readFileSync(path.join(folder, file), 'utf8').trim());
  return [license === undefined ? `${name} ${version}` : `${name} ${version} (${license})`, ...texts].join('\n\n');
}

/**
 * Writes the licences of all packages of which something is in a bundle beside it, as they ask for.
 * @returns {import('rolldown').Plugin}
 */
export function thirdPartyLicences() {
  return {
    name: 'third-party-licences',
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? Object.keys(file.modules) : []));
      const folders = new Set(modules.filter((module) => module.includes('node_modules')).map(packageOf));
      const notices = [...folders].filter((folder) => folder !== undefined).map(noticeOf);
      const source = `${notices.sort().join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
      this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY-LICENCES', source });
    },
  };
}
