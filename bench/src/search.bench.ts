import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { openS3Archive } from '@kubidu/archive-s3';
import type { StreamId } from '@kubidu/contracts';
import { ArchivedLogStore, Batch, LineEncoder, MemoryLogStore, QueryFilter, search } from '@kubidu/core';
import type { LogArchive } from '@kubidu/core';
import { compile } from '@kubidu/query';
import { RealS3 } from '@kubidu/testing';

import type { Bar, Findings, Row } from './benchmark.ts';
import { generatedLines } from './generated-lines.ts';
import type { GeneratedLines } from './generated-lines.ts';

const LINES = Number(process.env['KUBIDU_BENCH_LINES'] ?? 2_000_000);
/** About as many as the archiver puts into one object. */
const OBJECT = 50_000;
const STREAM: StreamId = 'runtime:web';
const FREQUENT = 'ECONNRESET';
/** Has no text that must be there: every line has to be looked at. */
const UNINDEXABLE = '[45][0-9][0-9][^a-zA-Z0-9]+[a-z]+[^a-zA-Z0-9]+[78][0-9][0-9][^0-9]';
const ROUNDS = 3;
const MIB = 2 ** 20;

export const title = 'Search: an archive in S3, from the first line to the last';

const command = promisify(execFile);

/** Archives generated lines in a real S3 server, and looks for words of them, with caches empty and full. */
export async function run(): Promise<Findings> {
  const generated = await generatedLines();
  await using s3 = await RealS3.start();
  Object.assign(process.env, s3.env);
  const rows: Row[] = [];
  const bars: Bar[] = [];
  const bar = (what: string, value: number, text: string, met: boolean) =>
    bars.push({ what, value: Number(value.toFixed(2)), bar: text, met });
  const written = await filled(s3, generated);
  bar('archived, lines/s', written.rate, '≥ 100,000', written.rate >= 100_000);
  bar('RSS while archiving, most MiB', written.rss, '< 256', written.rss < 256);
  const bytes = await bytesAtRest(s3);
  bar('bytes a line at rest, indexes included', bytes / LINES, '< 41.9', bytes / LINES < 41.9);
  const cold = await median(() => searched(s3, generated.rare));
  bar('a rare word, cold, ms', cold.ms, '< 250', cold.ms < 250);
  await using warmed = opened(s3);
  await timed(warmed.archive, generated.rare);
  const warm = await median(() => timed(warmed.archive, generated.rare));
  bar('a rare word, warm, ms', warm.ms, '< 100', warm.ms < 100);
  const first = await median(() => searched(s3, FREQUENT, 100));
  bar('first 100 of a frequent word, cold, ms', first.ms, '< 100', first.ms < 100);
  const pattern = await searched(s3, `/${UNINDEXABLE}/`);
  const grep = await grepped(s3);
  bar('an unindexable pattern ÷ zcat to grep -E', grep.ms / pattern.ms, '≥ 0.5', grep.ms / pattern.ms >= 0.5);
  for (const [what, { ms, matches, read }] of Object.entries({
    ...{ 'a rare word, cold': cold, 'a rare word, warm': warm, 'a frequent word, first 100': first },
    ...{ 'an unindexable pattern': pattern, 'zcat to grep -E': grep },
  }))
    rows.push({ what, ms: Math.round(ms), matches, 'MiB looked at': Math.round(read / MIB) });
  const size = `${LINES.toLocaleString('en')} lines of ${generated.name}, ${Math.round(bytes / MIB)} MiB at rest.`;
  const patterns = `The pattern is \`${UNINDEXABLE}\`; grep looks at whole entries as they lie there, we at messages.`;
  return { rows, bars, notes: [`${size} Cold: nothing is held, not even the listing. ${patterns}`] };
}

interface Searched {
  readonly ms: number;
  readonly matches: number;
  /** Bytes. */
  readonly read: number;
}

function opened({ bucket, endpoint, region }: RealS3) {
  return openS3Archive({ bucket, endpoint, region });
}

async function searched(s3: RealS3, query: string, limit?: number): Promise<Searched> {
  await using place = opened(s3);
  return timed(place.archive, query, limit);
}

async function timed(archive: LogArchive, text: string, limit = 1_000_000): Promise<Searched> {
  const store = new ArchivedLogStore(new MemoryLogStore(), archive);
  const filter = new QueryFilter(compile(text));
  const began = performance.now();
  let [matches, read] = [0, 0];
  const { signal } = new AbortController();
  const steps = search((range) => store.read(STREAM, range), { before: LINES + 1, limit }, filter, signal);
  for await (const { parts, size } of steps) {
    for (const part of parts) matches += 'lines' in part ? part.lines.length : 0;
    read += size;
  }
  return { ms: performance.now() - began, matches, read };
}

async function median(round: () => Promise<Searched>): Promise<Searched> {
  const all: Searched[] = [];
  for (let at = 0; at < ROUNDS; at++) all.push(await round());
  return all.sort((a, b) => a.ms - b.ms)[ROUNDS >> 1] as Searched;
}

/** Archives all lines, then merges what is small, as the archiver does; says how fast, and how much memory it took. */
async function filled(s3: RealS3, { lines }: GeneratedLines): Promise<{ rate: number; rss: number }> {
  await using place = opened(s3);
  const encoder = new LineEncoder({});
  const began = performance.now();
  let generating = 0;
  let rss = 0;
  let next = 1;
  let messages: string[] = [];
  const write = async () => {
    const framed = messages.map((message) => ({ timestamp: message.slice(9, 33), message }));
    const stored = encoder.encode(framed);
    const batches = Array.from(
      { length: Math.ceil(stored.length / 1_000) },
      (_, at) => new Batch(next + at * 1_000, stored.slice(at * 1_000, (at + 1) * 1_000)),
    );
    await place.archive.write(STREAM, batches);
    next += stored.length;
    messages = [];
    rss = Math.max(rss, process.memoryUsage().rss / MIB);
  };
  let since = performance.now();
  for (const message of lines(LINES)) {
    messages.push(message);
    if (messages.length < OBJECT) continue;
    generating += performance.now() - since;
    await write();
    since = performance.now();
  }
  if (messages.length > 0) await write();
  const ms = performance.now() - began - generating;
  await place.archive.merge(STREAM, new AbortController().signal);
  return { rate: Math.round(LINES / (ms / 1_000)), rss };
}

async function bytesAtRest(s3: RealS3): Promise<number> {
  await using place = opened(s3);
  return (await place.objects.list('logs/')).reduce((sum, { size }) => sum + size, 0);
}

/** The same bytes through `zcat | grep -E`, from the local disk. */
async function grepped(s3: RealS3): Promise<Searched> {
  const folder = await mkdtemp(path.join(tmpdir(), 'search-bench-'));
  try {
    const files: string[] = [];
    let read = 0;
    await using place = opened(s3);
    for (const { name } of await place.objects.list('logs/')) {
      if (!name.endsWith('.gz')) continue;
      const file = path.join(folder, path.basename(name));
      const content = (await place.objects.get(name)) ?? new Uint8Array();
      await writeFile(file, content);
      files.push(file);
      read += content.length;
    }
    const began = performance.now();
    const { stdout } = await command('sh', ['-c', `zcat "$@" | LC_ALL=C grep -cE '${UNINDEXABLE}'`, 'sh', ...files]);
    return { ms: performance.now() - began, matches: Number(stdout), read };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
