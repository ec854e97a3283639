import { describe, expect, it } from '@jest/globals';
import { LEVELS } from '@kubidu/contracts';
import type { Level, StreamId } from '@kubidu/contracts';
import { InterferedObjects, seededRandom } from '@kubidu/testing';

import { ArchivedLogStore } from './archive/archived-log-store.ts';
import { MemoryArchiveObjects } from './archive/memory-archive-objects.ts';
import { ObjectLogArchive } from './archive/object-log-archive.ts';
import { Batch } from './batch.ts';
import { encodeEntry } from './encode-entry.ts';
import { histogram } from './histogram.ts';
import type { Histogram, HistogramRange } from './histogram.ts';
import type { LevelBuckets } from './level-tally.ts';
import type { LogStore } from './log-store.ts';
import { MemoryLogStore } from './memory-log-store.ts';
import { TimeRange } from './time-range.ts';

const STREAM: StreamId = 'runtime:web';
const BEGAN = Date.UTC(2026, 10, 20, 12);
const { signal } = new AbortController();

const timeOf = (second: number) => new Date(BEGAN + second * 1_000).toISOString();

function count(store: LogStore, range: Partial<HistogramRange> = {}): Promise<Histogram> {
  return histogram(
    (asked) => store.read(STREAM, asked),
    { before: Number.MAX_SAFE_INTEGER, buckets: 1_000, mostLines: 1e9, mostMs: 1e9, ...range },
    signal,
  );
}

async function hot(lines: readonly string[]): Promise<MemoryLogStore> {
  const store = new MemoryLogStore();
  for (let at = 0; at < lines.length; at += 1_000) await store.append(STREAM, lines.slice(at, at + 1_000));
  return store;
}

/** Lines, one every second; of this level where there is one. */
function lines(count: number, levelOf: (at: number) => Level | undefined): string[] {
  return Array.from({ length: count }, (_, at) => {
    const level = levelOf(at);
    return encodeEntry({ timestamp: timeOf(at), message: '"level":"FATAL" ', ...(level && { level }) });
  });
}

/** What does not shrink, so that an object has several members. */
function noise(random: () => number): string {
  return Array.from({ length: 60 }, () => random().toString(36).slice(2)).join('');
}

const simply = ({ buckets }: LevelBuckets) =>
  buckets.map(({ fromMs, lines: all, levels }) => [(fromMs - BEGAN) / 1_000, all, levels]);

/** Lines of each level, and under `lines` all of them. */
function sums({ buckets }: LevelBuckets): Record<string, number> {
  const sum: Record<string, number> = { lines: 0 };
  for (const bucket of buckets)
    for (const [name, one] of Object.entries({ lines: bucket.lines, ...bucket.levels }))
      sum[name] = (sum[name] ?? 0) + one;
  return sum;
}

describe('a histogram', () => {
  it('counts lines by level and time, in as many buckets as were asked for', async () => {
    const store = await hot(lines(8, (at) => (at === 3 ? 'ERROR' : at % 2 === 0 ? 'INFO' : undefined)));
    const fine = await count(store);
    expect([fine.widthMs, fine.complete, fine.exact, fine.scannedTo]).toEqual([1_000, true, true, 1]);
    expect(simply(fine)).toEqual([
      [0, 1, { INFO: 1 }],
      [1, 1, {}],
      [2, 1, { INFO: 1 }],
      [3, 1, { ERROR: 1 }],
      [4, 1, { INFO: 1 }],
      [5, 1, {}],
      [6, 1, { INFO: 1 }],
      [7, 1, {}],
    ]);
    const coarse = await count(store, { buckets: 3 });
    expect(coarse.widthMs).toBe(4_000);
    expect(simply(coarse)).toEqual([
      [0, 4, { INFO: 2, ERROR: 1 }],
      [4, 4, { INFO: 2 }],
    ]);
  });

  it('leaves out stretches in which nothing was written, and counts a level only where the entry has it', async () => {
    const store = await hot([
      encodeEntry({ timestamp: timeOf(0), message: 'a', context: { level: 'ERROR' } }),
      encodeEntry({ timestamp: timeOf(600), message: 'b', level: 'WARN', context: { level: 'ERROR' } }),
    ]);
    expect(simply(await count(store))).toEqual([
      [0, 1, {}],
      [600, 1, { WARN: 1 }],
    ]);
  });

  it('counts what is of a time, to the nanosecond where lines are looked at', async () => {
    const store = await hot(
      ['12:00:00Z', '12:00:05.000000001Z', '12:00:05.000000002Z', '12:00:09Z'].map((time) =>
        encodeEntry({ timestamp: `2026-11-20T${time}`, message: '' }),
      ),
    );
    const time = new TimeRange({ since: '2026-11-20T12:00:05.000000002Z', until: '2026-11-20T12:00:09Z' });
    expect(simply(await count(store, { time }))).toEqual([[5, 1, {}]]);
  });

  it('has nothing of a stream that has nothing', async () => {
    const empty = { widthMs: 1_000, buckets: [], exact: true, scannedTo: 1, complete: true };
    expect(await count(new MemoryLogStore(), { before: 1 })).toEqual(empty);
    const trimmed = await hot(lines(30, () => 'INFO'));
    await trimmed.trim(STREAM, { through: 30 });
    expect(await count(trimmed, { before: 31 })).toEqual(empty);
  });

  it('stops where it cost enough and says up to where it came, and the next goes on there', async () => {
    const store = await hot(lines(35_000, (at) => (at % 5 === 0 ? 'WARN' : 'INFO')));
    const newest = await count(store, { mostLines: 15_000 });
    expect(newest.complete).toBe(false);
    expect(newest.scannedTo).toBe(20_001);
    const rest = await count(store, { before: newest.scannedTo });
    expect(rest.complete).toBe(true);
    const [a, b] = [sums(newest), sums(rest)];
    expect([a['lines'], b['lines']]).toEqual([15_000, 20_000]);
    expect((a['WARN'] ?? 0) + (b['WARN'] ?? 0)).toBe(7_000);
    expect((await count(store, { mostMs: 0, before: 35_001 })).scannedTo).toBe(35_001);
  });

  /** Lines of every level at random, of which the first 8,000 are archived in members of some thousand lines. */
  async function archived(seed: number, secondOf: (at: number) => number) {
    const random = seededRandom(seed);
    const all = Array.from({ length: 9_000 }, (_, at) => {
      const level = [undefined, ...LEVELS][Math.floor(random() * 7)];
      return encodeEntry({ timestamp: timeOf(secondOf(at)), message: noise(random), ...(level && { level }) });
    });
    const objects = new InterferedObjects(new MemoryArchiveObjects());
    const archive = new ObjectLogArchive(objects);
    for (let at = 0; at < 8_000; at += 4_000)
      await archive.write(STREAM, [new Batch(at + 1, all.slice(at, at + 4_000))]);
    const whole = await hot(all);
    const rest = await hot(all);
    await rest.trim(STREAM, { through: 8_000 });
    const store = new ArchivedLogStore(rest, archive);
    const reads = () => objects.requests.filter(({ what }) => what === 'get').map(({ name }) => name);
    objects.requests.length = 0;
    return { whole, store, reads, [Symbol.asyncDispose]: () => archive[Symbol.asyncDispose]() };
  }

  it('reads of what is archived the indexes alone where they are fine enough, and agrees with who reads every line', async () => {
    const seed = Date.now() % 1_000_000;
    await using place = await archived(seed, (at) => at);
    const exactly = await count(place.whole, { buckets: 4 });
    const found = await count(place.store, { buckets: 4 });
    expect(place.reads().map((name) => name.slice(-4))).toEqual(['.idx', '.idx']);
    expect({ seed, ...sums(found) }).toEqual({ seed, ...sums(exactly) });
    expect([found.exact, found.complete, found.widthMs]).toEqual([false, true, exactly.widthMs]);
    expect(found.buckets.map(({ fromMs }) => fromMs)).toEqual(exactly.buckets.map(({ fromMs }) => fromMs));
    // Spread over some thousand lines that came evenly, few are in another bucket.
    for (const [at, { lines: counted }] of found.buckets.entries())
      expect(Math.abs(counted - (exactly.buckets[at]?.lines ?? 0))).toBeLessThan(20);
    expect(sums(await count(place.store, { before: 7_501, buckets: 4 }))['lines']).toBe(7_500);
    const time = new TimeRange({ since: timeOf(2_000), until: timeOf(3_000) });
    expect(Math.abs((sums(await count(place.store, { time, buckets: 1 }))['lines'] ?? 0) - 1_000)).toBeLessThan(20);
  });

  it('reads archived lines where they lie over more time than a bucket, until it cost half of what it may', async () => {
    const seed = Date.now() % 1_000_000;
    // Most of an object came within a minute, after hours with a line now and then.
    await using place = await archived(
      seed,
      (at) => (at % 4_000 < 100 ? (at % 4_000) * 600 : 60_000) + Math.floor(at / 4_000) * 100_000,
    );
    const exactly = await count(place.whole);
    const found = await count(place.store);
    expect({ seed, ...found }).toEqual({ seed, ...exactly });
    const cheap = await count(place.store, { mostLines: 1_500 });
    expect([cheap.complete, cheap.exact]).toEqual([true, false]);
    expect(sums(cheap)['lines']).toBe(9_000);
  });
});
