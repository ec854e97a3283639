import { describe, expect, it } from '@jest/globals';

import { bucketObjects } from '../bucket-content.ts';
import { eventually } from '../eventually.ts';
import { NumberedFeed } from '../numbered-feed.ts';
import { judge } from '../oracle.ts';
import { RawHttp } from '../protocol/raw-http.ts';
import { ArchivePlant } from './archive-plant.ts';
import { Readers } from './readers.ts';
import { storedEntries } from './stored-entries.ts';

interface Histogram {
  readonly buckets: readonly { readonly lines: number }[];
  readonly complete: boolean;
}

const ROLES = 'gateway,archiver';
/** Indexes that are left out behind what is known to have been given. */
const ROOM = 1_000_000;

describe('a Redis that is killed and comes back without its data', () => {
  it('costs only what was not archived, and no index is given twice, to those who read on and to those who come', async () => {
    await using plant = await ArchivePlant.start({ roles: [ROLES, ROLES] });
    const urls = plant.replicas.map(({ api }) => api.url);
    const [one = '', two = ''] = urls;
    const before = new NumberedFeed({ urls, stream: 'runtime:web', writer: 'before', perSecond: 4_000 });
    await before.send(2_000);
    await using readers = await Readers.open(one, 'web', { plain: 2, sdk: 2 });
    await before.send(6_000);
    await readers.reach(8_000);
    await plant.redis.kill9();
    await plant.redis.restart({ wipe: true });
    const after = new NumberedFeed({ urls: [two, one], stream: 'runtime:web', writer: 'after', perSecond: 4_000 });
    await after.send(4_000);
    await readers.reach(after.lastIndex);
    const written = ['before', 'after'].map((writer) => ({ writer, lines: writer === 'before' ? 8_000 : 4_000 }));
    const begins = after.lastIndex - 4_000 + 1;
    expect(begins).toBeGreaterThan(ROOM);
    for (const reader of readers.all) {
      expect(`${reader.kind}: ${reader.verdict(written, { after: 0 }).report}`).toContain(': complete');
      expect(reader.gaps).toEqual([{ from: 8_001, to: begins - 1, reason: 'trimmed' }]);
    }
    // What was read from Redis before it was killed may be written after it. Once new lines are there, all of that is.
    const objects = await eventually(async () => {
      const found = await bucketObjects(plant.s3, 'runtime/web');
      return found.some(({ last }) => last > begins) && found;
    });
    const archived = Math.max(...objects.map(({ last }) => last).filter((last) => last < begins));
    expect(archived).toBeGreaterThan(2_000);
    const lost = { from: archived + 1, to: begins - 1, reason: 'trimmed' };
    for (const url of urls) {
      const { entries, gaps } = await storedEntries(url, 'runtime:web');
      expect(gaps).toEqual([lost]);
      const verdict = judge(entries, written, { after: 0, through: after.lastIndex, gaps });
      expect({ honest: verdict.honest, report: verdict.report }).toMatchObject({ honest: true });
      expect(entries.length).toBe(archived + 4_000);
      const { buckets, complete } = await new RawHttp(url).get<Histogram>('/api/streams/runtime:web/logs/histogram');
      const counted = buckets.reduce((sum, { lines }) => sum + lines, 0);
      expect({ counted, complete }).toEqual({ counted: archived + 4_000, complete: true });
    }
    // In the bucket, too, each index is one entry.
    const indexes = (await bucketObjects(plant.s3, 'runtime/web')).flatMap(({ entries }) =>
      entries.map(({ index }) => index),
    );
    expect(indexes.filter((index) => index > archived && index < begins)).toEqual([]);
  }, 120_000);

  it('and every server with it, goes on behind what was archived', async () => {
    await using plant = await ArchivePlant.start({ roles: [ROLES] });
    const [{ api }] = plant.replicas as [(typeof plant.replicas)[number]];
    const before = new NumberedFeed({ urls: [api.url], stream: 'runtime:web', writer: 'before' });
    await before.send(3_000);
    await eventually(async () => (await bucketObjects(plant.s3, 'runtime/web')).length > 0);
    await api.kill9();
    await plant.redis.restart({ wipe: true });
    const archived = Math.max(...(await bucketObjects(plant.s3, 'runtime/web')).map(({ last }) => last));
    await api.restart();
    const after = new NumberedFeed({ urls: [api.url], stream: 'runtime:web', writer: 'after' });
    await after.send(100);
    expect(after.lastIndex).toBe(archived + ROOM + 100);
    const { entries, gaps } = await storedEntries(api.url, 'runtime:web');
    expect(gaps).toEqual([{ from: archived + 1, to: archived + ROOM, reason: 'trimmed' }]);
    expect(entries.map(({ index }) => index)).toEqual([
      ...Array.from({ length: archived }, (_, at) => at + 1),
      ...Array.from({ length: 100 }, (_, at) => archived + ROOM + at + 1),
    ]);
  }, 60_000);
});
