import { describe, expect, it } from '@jest/globals';
import type { StreamId } from '@kubidu/contracts';
import { compile } from '@kubidu/query';
import { seededRandom } from '@kubidu/testing';

import { Batch } from '../batch.ts';
import { encodeEntry } from '../encode-entry.ts';
import { Excerpt } from '../excerpt.ts';
import type { ReadRange } from '../log-store.ts';
import { MemoryLogStore } from '../memory-log-store.ts';
import { QueryFilter } from '../query-filter.ts';
import { scan } from '../scan.ts';
import type { Scan } from '../scan.ts';
import { search } from '../search.ts';
import { TimeRange } from '../time-range.ts';
import type { TimeBounds } from '../time-range.ts';
import { ArchivedLogStore } from './archived-log-store.ts';
import { MemoryArchiveObjects } from './memory-archive-objects.ts';
import { ObjectLogArchive } from './object-log-archive.ts';

const STREAM: StreamId = 'runtime:web';
const LINES = 4_000;
/** The rest is hot. */
const ARCHIVED = 3_600;
const BATCH = 40;
const OBJECT = 1_200;
const BEGAN = Date.UTC(2026, 10, 20, 23, 59, 50);
/** How far each writer's clock is off, in milliseconds. */
const SKEWS = [0, -4_000, 3_000, 90];
const QUERIES = ['', 'needle', '/nee+dle/'];

const [FIRST, LAST] = ['1970-01-01T00:00:00Z', '2100-01-01T00:00:00Z'];

type Random = () => number;
const below = (random: Random, most: number) => Math.floor(random() * most);

/** Two lines a millisecond by the clock of some writer, to the second, the millisecond or the nanosecond. */
function timeOf(index: number, random: Random): string {
  const ms = BEGAN + index * 5 + (SKEWS[below(random, SKEWS.length)] ?? 0);
  const time = new Date(ms).toISOString();
  const digits = String(below(random, 1_000_000)).padStart(6, '0');
  return [`${time.slice(0, 19)}Z`, time, `${time.slice(0, -1)}${digits}Z`][below(random, 3)] ?? time;
}

async function stored(random: Random) {
  const archive = new ObjectLogArchive(new MemoryArchiveObjects());
  const hot = new MemoryLogStore();
  const times: string[] = [];
  const lines = Array.from({ length: LINES }, (_, at) => {
    const timestamp = timeOf(at, random);
    times.push(timestamp);
    // What does not shrink, so that an object has several members.
    const noise = Array.from({ length: 90 }, () => random().toString(36).slice(2)).join('');
    return encodeEntry({ timestamp, message: `${random() < 0.2 ? 'needle' : 'hay'} ${noise}` });
  });
  for (let at = 0; at < LINES; at += BATCH) await hot.append(STREAM, lines.slice(at, at + BATCH));
  for (let at = 0; at < ARCHIVED; at += OBJECT)
    await archive.write(STREAM, [new Batch(at + 1, lines.slice(at, Math.min(at + OBJECT, ARCHIVED)))]);
  await hot.trim(STREAM, { through: ARCHIVED });
  return { archive, store: new ArchivedLogStore(hot, archive), lines, times };
}

/** A moment that an entry has, or one next to it. */
function bound(times: readonly string[], random: Random): string | undefined {
  const time = times[below(random, times.length)] ?? '';
  const [second = '', fraction = ''] = time.slice(0, -1).split('.');
  const nanoseconds = fraction.padEnd(9, '0').slice(0, -1) + String(below(random, 10));
  return [undefined, time, time, `${second}.${nanoseconds}Z`][below(random, 4)];
}

/** Since 1970; found by another way than the code under test does. */
function nanosecondsOf(time: string): bigint {
  const [second = '', fraction = ''] = time.slice(0, -1).split('.');
  return BigInt(Date.parse(`${second}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

const indexesOf = ({ parts }: Pick<Scan, 'parts'>) =>
  parts.flatMap((part) => (part instanceof Excerpt ? part.indexes : []));

describe('reading by time what is archived and what is hot', () => {
  it.each([1, 2].map((round) => ({ seed: (Date.now() % 1_000_000) + round })))(
    'finds what asking every entry finds, wherever it lies and however clocks differ, seed $seed',
    async ({ seed }) => {
      const random = seededRandom(seed);
      const { archive, store, lines, times } = await stored(random);
      await using _ = archive;
      const read = (range: ReadRange) => store.read(STREAM, range);
      for (let round = 0; round < 60; round++) {
        const bounds: TimeBounds = { since: bound(times, random), until: bound(times, random) };
        const asked = QUERIES[below(random, QUERIES.length)] ?? '';
        const query = asked === '' ? undefined : compile(asked);
        const filter = () => new QueryFilter(query, { time: new TimeRange(bounds) });
        const [since, until] = [nanosecondsOf(bounds.since ?? FIRST), nanosecondsOf(bounds.until ?? LAST)];
        const expected = lines.flatMap((line, at) => {
          const time = nanosecondsOf(times[at] ?? '');
          return time >= since && time < until && (!query || line.includes('needle')) ? [at + 1] : [];
        });
        const about = { seed, round, bounds, asked };
        const limit = 1 + below(random, 500);
        const forward: number[] = [];
        for (let after = 0; after < LINES;) {
          const found = await scan(read, { after, limit }, filter(), { most: 1_000 });
          forward.push(...indexesOf(found));
          after = found.edge;
        }
        expect({ ...about, forward }).toEqual({ ...about, forward: expected });
        const backward: number[] = [];
        for (let before = LINES + 1; before > 1;) {
          const found = await scan(read, { before, limit }, filter(), { most: 1_000 });
          backward.unshift(...indexesOf(found));
          before = found.edge;
        }
        expect({ ...about, backward }).toEqual({ ...about, backward: expected });
        const searched: number[] = [];
        for await (const step of search(
          read,
          { before: LINES + 1, limit: LINES },
          filter(),
          new AbortController().signal,
        ))
          searched.unshift(...indexesOf(step));
        expect({ ...about, searched }).toEqual({ ...about, searched: expected });
      }
    },
    60_000,
  );
});
