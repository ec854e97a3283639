// npm run bench [-- name …]: runs the benchmarks, prints their tables, and writes them to README.md with the machine and
// the date. Names are the files' without `.bench`; without one, all of them run.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';

import type { Benchmark, Findings, Row } from './benchmark.ts';

const README = path.resolve(import.meta.dirname, '../README.md');
const SUFFIX = '.bench.js';
const all = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(SUFFIX))
  .map((file) => file.slice(0, -SUFFIX.length));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`no benchmark ${unknown.join(', ')}; there are ${all.join(', ')}\n`);
  process.exit(2);
}

const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
let missed = 0;
for (const name of asked.length > 0 ? asked : all) {
  const { title, run } = (await import(`./${name}${SUFFIX}`)) as Benchmark;
  process.stdout.write(`\n## ${title}\n\n`);
  const findings = await run();
  missed += findings.bars?.filter(({ met }) => !met).length ?? 0;
  const text = section(findings);
  process.stdout.write(`${text}\n`);
  record(name, title, text);
}
process.exitCode = missed > 0 ? 1 : 0;

function section({ rows, bars = [], notes = [] }: Findings): string {
  const parts = [table(rows)];
  if (bars.length > 0) parts.push(table(bars.map((bar) => ({ ...bar, met: bar.met ? 'yes' : '**no**' }))));
  return [...parts, ...notes].join('\n\n');
}

function table(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const shown = (value: string | number = '') => (typeof value === 'number' ? value.toLocaleString('en') : value);
  const body = rows.map((row) => line(columns.map((column) => shown(row[column]))));
  return [line(columns), line(columns.map(() => '---')), ...body].join('\n');
}

/** Replaces the benchmark's section of README.md; what stands outside the markers is written by hand. */
function record(name: string, title: string, text: string): void {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const date = new Date().toISOString().slice(0, 10);
  const body = `${begin}\n\n## ${title}\n\n${date}, ${machine}\n\n${text}\n\n${end}`;
  const readme = readFileSync(README, 'utf8');
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end) + end.length;
  writeFileSync(
    README,
    from < 0 ? `${readme.trimEnd()}\n\n${body}\n` : readme.slice(0, from) + body + readme.slice(to),
  );
}
