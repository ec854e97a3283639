// npm run check:docs: every relative link in the documentation leads somewhere, headings included, and the generated
// pages are as the sources would make them.
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { generatedPages } from './docs/pages.mjs';
import { filesUnder, packages, root } from './workspace/root.mjs';

/** @type {string[]} */
const problems = [];

/** A heading's anchor as GitHub makes it. @type {(heading: string) => string} */
const anchor = (heading) =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

/** @type {(file: string) => string[]} */
const anchorsOf = (file) => [
  ...[...textOf(file).matchAll(/^#{1,6} (.*)$/gm)].map(([, heading]) => anchor(heading ?? '')),
  ...[...textOf(file).matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id ?? ''),
];

/** A page without its code blocks. @type {(file: string) => string} */
const textOf = (file) => readFileSync(file, 'utf8').replace(/^```[^]*?^```/gm, '');

const pages = [
  ...['README', 'CONTRIBUTING', 'CHANGELOG', 'SECURITY']
    .map((name) => path.join(root, `${name}.md`))
    .filter(existsSync),
  ...filesUnder(path.join(root, 'docs')),
  ...packages().flatMap((found) => filesUnder(found.path)),
].filter((file) => file.endsWith('.md'));

for (const page of pages) {
  for (const [, target] of textOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (target === undefined || /^[a-z]+:/.test(target)) continue;
    const [file = '', heading] = target.split('#');
    const place = file === '' ? page : path.resolve(path.dirname(page), decodeURIComponent(file));
    const where = `${path.relative(root, page)}: ${target}`;
    if (!existsSync(place)) problems.push(`${where} leads nowhere`);
    else if (heading && statSync(place).isFile() && !anchorsOf(place).includes(heading)) {
      problems.push(`${where}: the page has no such heading`);
    }
  }
}

for (const { file, text } of await generatedPages()) {
  const there = existsSync(path.join(root, file)) ? readFileSync(path.join(root, file), 'utf8') : '';
  if (there !== text) problems.push(`${file} is not what the sources say: npm run docs:generate`);
}

for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
