import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { openS3Archive } from '@kubidu/archive-s3';
import type { StreamId } from '@kubidu/contracts';
import { ArchivedLogStore, LineEncoder, MemoryLogStore, QueryFilter, search } from '@kubidu/core';
import type { LogArchive } from '@kubidu/core';
import { compile } from '@kubidu/query';
import { openRedisStore } from '@kubidu/store-redis';
import { RealRedis, RealS3 } from '@kubidu/testing';

import type { Bar, Findings, Row } from './benchmark.ts';
import { generatedLines } from './generated-lines.ts';
import type { GeneratedLines } from './generated-lines.ts';
import { startPart } from './processes.ts';

const LINES = Number(process.env['KUBIDU_BENCH_LINES'] ?? 2_000_000);
const BATCH = 1_000;
/** What stays in Redis, as it is unless one says otherwise. */
const HOT_BYTES = 64 * 1024 ** 2;
const STREAM: StreamId = 'runtime:web';
const FREQUENT = 'ECONNRESET';
/** Has no text that must be there: every line has to be looked at. */
const UNINDEXABLE = '[45][0-9][0-9][^a-zA-Z0-9]+[a-z]+[^a-zA-Z0-9]+[78][0-9][0-9][^0-9]';
const ROUNDS = 3;
const MIB = 2 ** 20;
const GIB = 2 ** 30;

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
  const rate = LINES / (written.ms / 1_000);
  bar('archived, lines/s', Math.round(rate), '≥ 100,000', rate >= 100_000);
  bar('RSS of the archiver, most MiB', written.peakMiB, '< 256', written.peakMiB < 256);
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

interface Archived {
  readonly ms: number;
  readonly peakMiB: number;
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
  return await timed(place.archive, query, limit);
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

/** Appends all lines to a real Redis, and lets the archiver take them from there. */
async function filled({ bucket, endpoint, region }: RealS3, { lines }: GeneratedLines): Promise<Archived> {
  await using redis = await RealRedis.start();
  const redisUrl = redis.url;
  {
    await using opened = await openRedisStore({ url: redisUrl, maxBytesPerStream: 16 * GIB });
    const encoder = new LineEncoder({});
    let messages: string[] = [];
    const append = async () => {
      const framed = messages.map((message) => ({ timestamp: message.slice(9, 33), message }));
      await opened.store.append(STREAM, encoder.encode(framed));
      messages = [];
    };
    for (const message of lines(LINES)) if (messages.push(message) === BATCH) await append();
    if (messages.length > 0) await append();
  }
  await using part = startPart('archiver', { redisUrl, bucket, endpoint, region, hotBytes: HOT_BYTES });
  return await part.next<Archived>('archived');
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
