import { describe, expect, it } from '@jest/globals';

import { bucketObjects } from '../bucket-content.ts';
import { eventually } from '../eventually.ts';
import type { ProxiedRequest } from '../http-fault-proxy.ts';
import { metricOf } from '../metric-of.ts';
import { NumberedFeed } from '../numbered-feed.ts';
import { judge } from '../oracle.ts';
import { pace } from '../pace.ts';
import { seededRandom } from '../seeded-random.ts';
import { ArchivePlant } from './archive-plant.ts';
import type { Replica } from './archive-plant.ts';
import { Sending } from './sending.ts';
import { storedEntries } from './stored-entries.ts';

const LONG = process.env['KUBIDU_TEST_LONG'] !== undefined;
const LEASE = 'logs:{job:archive-sweep}:lease';

/** A step of the archiver, by the request to S3 that it makes there. */
interface Step {
  readonly what: string;
  readonly is: (request: ProxiedRequest) => boolean;
  readonly cut: 'before' | 'after';
}

const puts =
  (suffix: string) =>
  ({ method, path }: ProxiedRequest) =>
    method === 'PUT' && path.includes(suffix);
const removes = ({ method }: ProxiedRequest) => method === 'POST';
const reads = ({ method, path }: ProxiedRequest) => method === 'GET' && path.includes('.jsonl.gz');

const BEFORE_TRIM: Step = { what: 'between put and trim', is: puts('.jsonl.gz'), cut: 'after' };
const WRITING: readonly Step[] = [
  BEFORE_TRIM,
  { what: 'before anything is put', is: puts('.idx'), cut: 'before' },
  { what: 'between the index file and the entries', is: puts('.idx'), cut: 'after' },
  { what: 'before the entries are put', is: puts('.jsonl.gz'), cut: 'before' },
];
const MERGING: readonly Step[] = [
  { what: 'while it reads what is to be merged', is: reads, cut: 'after' },
  { what: 'between what is merged and the removal of its parts', is: removes, cut: 'before' },
  { what: 'after a removal', is: removes, cut: 'after' },
];

/** Kills whichever archiver comes to the step first, in that moment; resolves with it. */
async function killAt(archivers: readonly Replica[], { is, cut }: Step): Promise<Replica> {
  let killed: Replica | undefined;
  for (const archiver of archivers)
    archiver.s3.faultOf = (request) => {
      if (killed || !is(request)) return undefined;
      killed = archiver;
      return { cut, meanwhile: () => archiver.api.signal('SIGKILL') };
    };
  const found = await eventually(() => killed ?? false, { timeoutMs: 60_000 });
  for (const archiver of archivers) archiver.s3.faultOf = () => undefined;
  return found;
}

/** Kills an archiver at whatever it is. */
async function killSometime(archivers: readonly Replica[], random: () => number): Promise<Replica> {
  await pace(random() * 2_000);
  const running = await eventually(() => {
    const found = archivers.filter(({ api }) => api.running);
    return found.length > 0 && found;
  });
  const archiver = running[Math.floor(random() * running.length)] as Replica;
  archiver.api.signal('SIGKILL');
  return archiver;
}

/** The steps at which is killed, in their order: in the short form each once, and between put and trim most often. */
function stepsOf(random: () => number): (Step | undefined)[] {
  const short = [...WRITING, BEFORE_TRIM, undefined, MERGING[1], MERGING[2]];
  if (!LONG) return short;
  const all = [...WRITING, ...MERGING, BEFORE_TRIM, BEFORE_TRIM, BEFORE_TRIM, undefined, undefined];
  return Array.from({ length: 200 }, () => all[Math.floor(random() * all.length)]);
}

describe('an archiver that is killed', () => {
  it('at any step, again and again, loses nothing and doubles nothing, for readers and in the bucket', async () => {
    const seed = Number(process.env['KUBIDU_TEST_SEED'] ?? Date.now() % 1_000_000);
    const random = seededRandom(seed);
    await using plant = await ArchivePlant.start({ roles: ['gateway', 'archiver', 'archiver'] });
    const [gateway, ...archivers] = plant.replicas as [Replica, ...Replica[]];
    const { url } = gateway.api;
    const feed = new NumberedFeed({ urls: [url], stream: 'runtime:web', writer: 'w', perSecond: 2_000 });
    await using sending = new Sending(feed);
    const kills: string[] = [];
    const restarts = new Map<Replica, Promise<void>>();
    for (const step of stepsOf(random)) {
      const killed = await (step ? killAt(archivers, step) : killSometime(archivers, random));
      await eventually(() => !killed.api.running);
      kills.push(step?.what ?? 'sometime');
      // Its lease runs out in 5 s; the next one need not wait so long.
      await plant.redis.cli('DEL', LEASE);
      // It may be killed while it starts; the last ones must come up. The other one works meanwhile.
      await restarts.get(killed)?.catch(() => undefined);
      const restart = killed.api.restart();
      restart.catch(() => undefined);
      restarts.set(killed, restart);
    }
    await Promise.all(restarts.values());
    const last = feed.acknowledged;
    await eventually(() => feed.acknowledged > last + 3_000, { timeoutMs: 60_000 });
    await sending.stop();
    const lags = await Promise.all(archivers.map(({ api }) => metricOf(api.url, 'kubidu_logs_archive_lag_seconds')));
    expect(Math.max(...lags)).toBeLessThan(60);
    for (const { api } of archivers) {
      expect(await metricOf(api.url, 'kubidu_logs_lost_lines_total{reason="not-archived"}')).toBe(0);
      await api.stop();
    }
    const { lastIndex } = feed;
    const { entries, gaps } = await storedEntries(url, 'runtime:web');
    const written = [{ writer: 'w', lines: lastIndex }];
    const range = { after: 0, through: lastIndex };
    const { report } = judge(entries, written, range);
    expect({ seed, kills, gaps, report }).toEqual({
      seed,
      kills,
      gaps: [],
      report: expect.stringMatching(/^complete/),
    });
    // The bucket by itself, as anybody reads it: one object after the other, each what its name says.
    const objects = await bucketObjects(plant.s3, 'runtime/web');
    for (const { name, first, last: end, entries: held } of objects)
      expect({ name, from: held[0]?.index, to: held.at(-1)?.index }).toEqual({ name, from: first, to: end });
    const inBucket = judge(
      objects.flatMap((object) => object.entries),
      written,
      range,
    );
    expect({ seed, kills, report: inBucket.report }).toEqual({ seed, kills, report });
  }, 1_800_000);
});
