import { describe, expect, it } from '@jest/globals';
import type { StreamId } from '@kubidu/contracts';
import { InterferedObjects, ManualClock, seededRandom } from '@kubidu/testing';
import { describeLogStore, lineOf, shown } from '@kubidu/testing/log-store.conformance';

import { encodeEntry } from '../encode-entry.ts';
import { Excerpt } from '../excerpt.ts';
import { LogsError } from '../logs-error.ts';
import type { LogStore, ReadRange } from '../log-store.ts';
import { MemoryLeases } from '../memory-leases.ts';
import { MemoryLogStore } from '../memory-log-store.ts';
import { QueryFilter } from '../query-filter.ts';
import { scan } from '../scan.ts';
import { TimeRange } from '../time-range.ts';
import { ArchivedLogStore } from './archived-log-store.ts';
import { Archiver } from './archiver.ts';
import { MemoryArchiveObjects } from './memory-archive-objects.ts';
import { ObjectLogArchive } from './object-log-archive.ts';

const STREAM: StreamId = 'runtime:web';
const { signal } = new AbortController();
const AWAY = new LogsError('UNAVAILABLE', 'the test says so');

describeLogStore(
  'ArchivedLogStore over a store in memory',
  () => Promise.resolve(new ArchivedLogStore(new MemoryLogStore(), new ObjectLogArchive(new MemoryArchiveObjects()))),
  { capped: false },
);

const linesOf = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => lineOf(String(from + at)));
const numbered = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => `${from + at} ${from + at}`);

/** A hot store and an archive, an archiver between them that a test drives, and both as one store. */
function tiers({ hotBytes = 1_000 } = {}) {
  const clock = new ManualClock();
  const places = new MemoryArchiveObjects(clock);
  const objects = new InterferedObjects(places);
  const tier = { hot: new MemoryLogStore(clock) };
  const lost: number[] = [];
  const failures: unknown[] = [];
  const observer = {
    failed: (_stream: StreamId | undefined, error: unknown) => void failures.push(error),
    lost: (_stream: StreamId, entries: number) => void lost.push(entries),
  };
  const archiver = () =>
    new Archiver({
      ...{ store: tier.hot, archive: new ObjectLogArchive(objects, clock), leases: new MemoryLeases(clock) },
      ...{ hotBytes, observer, clock, random: () => 0.5 },
    });
  const reader = (): LogStore => new ArchivedLogStore(tier.hot, new ObjectLogArchive(objects, clock), clock);
  return { clock, objects, tier, lost, failures, archiver, reader };
}

describe('ArchivedLogStore', () => {
  it('reads on from the archive into the hot store, both ways, as one stream', async () => {
    const { tier, archiver, reader } = tiers();
    const store = reader();
    for (let from = 1; from <= 96; from += 5) await store.append(STREAM, linesOf(from, from + 4));
    await archiver().round(signal, true);
    expect((await tier.hot.head(STREAM)).firstIndex).toBeGreaterThan(50);
    expect(await store.head(STREAM)).toEqual({ firstIndex: 1, lastIndex: 100 });
    const page = await store.read(STREAM, { after: 0, limit: 1_000 });
    expect(shown(page)).toEqual(numbered(1, 100));
    expect(page).toMatchObject({ firstIndex: 1, lastIndex: 100, gaps: [] });
    expect(shown(await store.read(STREAM, { before: 101, limit: 99 }))).toEqual(numbered(2, 100));
    expect(shown(await store.read(STREAM, { before: 30, limit: 10 }))).toEqual(numbered(20, 29));
    expect(shown(await store.read(STREAM, { after: 40, limit: 10 }))).toEqual(numbered(41, 50));
    expect(await store.list({ limit: 5 })).toMatchObject([{ stream: STREAM, firstIndex: 1, lastIndex: 100 }]);
  });

  it('lists what only the archive has beside what the hot store has, page by page', async () => {
    const { tier, archiver, reader, clock, objects } = tiers();
    const names = ['bot:b', 'job:a', 'job:a-b', 'job:c', 'runtime:a', 'runtime:web'] as const;
    for (const name of names) await tier.hot.append(name, linesOf(1, 3));
    await tier.hot.end('job:c', { status: 'succeeded' });
    await archiver().round(signal, true);
    tier.hot = new MemoryLogStore(clock);
    for (const name of ['job:b', 'runtime:a'] as const) await tier.hot.append(name, linesOf(1, 2));
    const store = reader();
    const met: StreamId[] = [];
    for (let after: StreamId | undefined; met.length < 20; after = met.at(-1)) {
      const page = await store.list({ limit: 2, ...(after && { after }) });
      met.push(...page.map(({ stream }) => stream));
      if (page.length < 2) break;
    }
    expect(met).toEqual([...names, 'job:b'].sort());
    const one = await store.list({ kind: 'job', prefix: 'c', limit: 1 });
    expect(one).toMatchObject([{ stream: 'job:c', firstIndex: 1, lastIndex: 3, ended: { status: 'succeeded' } }]);
    objects.interference.before = () => {
      throw AWAY;
    };
    const others = await reader().list({ limit: 10 });
    expect(others.map(({ stream }) => stream)).toEqual(['job:b', 'runtime:a']);
  });

  it('passes over archived entries, tells no gap for them, and still tells of those that are gone', async () => {
    const { tier, archiver, reader, objects } = tiers();
    const store = reader();
    const pad = 'x'.repeat(30_000);
    const time = (index: number) => new Date(Date.UTC(2026, 10, 20) + index * 1_000).toISOString();
    const line = (index: number) => encodeEntry({ timestamp: time(index % 1_000), message: `${index} ${pad}` });
    for (let index = 1; index <= 400; index++) await store.append(STREAM, [line(index)]);
    await tier.hot.trim(STREAM, { through: 10 });
    await archiver().round(signal, true);
    for (let index = 401; index <= 402; index++) await store.append(STREAM, [line(index)]);
    objects.requests.length = 0;
    const filter = new QueryFilter(undefined, { time: new TimeRange({ since: time(300), until: time(302) }) });
    const read = (range: ReadRange) => store.read(STREAM, range);
    for (const range of [{ after: 0 }, { before: 1_000 }]) {
      const { parts } = await scan(read, { ...range, limit: 10 }, filter, { most: 10_000 });
      const told = parts.map((part) => (part instanceof Excerpt ? part.indexes : `${part.from}–${part.to}`));
      expect(told).toEqual(['1–10', [300, 301]]);
    }
  });

  it('says of what is in neither that it is gone, and why', async () => {
    const { tier, archiver, reader, objects } = tiers();
    const store = reader();
    for (let from = 1; from <= 91; from += 10) await store.append(STREAM, linesOf(from, from + 9));
    // The first ten expire in the archive; of the rest, ten leave the hot store unarchived.
    await tier.hot.trim(STREAM, { through: 10 });
    await archiver().round(signal, true);
    for (let from = 101; from <= 131; from += 10) await store.append(STREAM, linesOf(from, from + 9));
    await tier.hot.trim(STREAM, { through: 110 });
    await archiver().round(signal, true);
    expect(objects.requests.length).toBeGreaterThan(0);
    const page = await reader().read(STREAM, { after: 0, limit: 1_000 });
    expect(shown(page)).toEqual([...numbered(11, 100), ...numbered(111, 140)]);
    expect(page.gaps).toEqual([
      { from: 1, to: 10, reason: 'expired' },
      { from: 101, to: 110, reason: 'trimmed' },
    ]);
    expect(page).toMatchObject({ firstIndex: 11, lastIndex: 140, gone: 'expired' });
  });

  it('does not say that what was lost before it could be archived had its time', async () => {
    const { tier, archiver, reader, clock } = tiers();
    await reader().append(STREAM, linesOf(1, 10));
    tier.hot = new MemoryLogStore(clock);
    const { first } = await reader().append(STREAM, linesOf(11, 20), { floor: 10 });
    await archiver().round(signal, true);
    const page = await reader().read(STREAM, { after: 0, limit: 100 });
    expect(page.gaps).toEqual([{ from: 1, to: first - 1, reason: 'trimmed' }]);
    expect(page).toMatchObject({ firstIndex: first, gone: 'trimmed' });
  });

  it('says that what expired is expired also where it knew the archive from before', async () => {
    const { tier, archiver, reader, clock, objects } = tiers();
    const store = reader();
    for (let from = 1; from <= 96; from += 5) await store.append(STREAM, linesOf(from, from + 4));
    await archiver().round(signal, true);
    expect(await store.head(STREAM)).toMatchObject({ firstIndex: 1 });
    const old = (await objects.list('logs/')).map(({ name }) => name);
    for (let from = 101; from <= 196; from += 5) await store.append(STREAM, linesOf(from, from + 4));
    await archiver().round(signal, true);
    await objects.remove(old);
    // What it knew is told while the archive is slow; what it reads is read anew.
    clock.advance(61_000);
    objects.interference.before = () => new Promise(() => undefined);
    const head = store.head(STREAM);
    while (clock.sleeping === 0) await new Promise(setImmediate);
    clock.advance(250);
    await head;
    objects.interference.before = undefined;
    const { firstIndex } = await tier.hot.head(STREAM);
    expect(firstIndex).toBeGreaterThan(101);
    const page = await store.read(STREAM, { after: 30, limit: 10 });
    expect(page.gaps).toEqual([{ from: 31, to: 100, reason: 'expired' }]);
  });

  describe('while the archive is away', () => {
    const away = async () => {
      const all = tiers();
      const store = all.reader();
      for (let from = 1; from <= 96; from += 5) await store.append(STREAM, linesOf(from, from + 4));
      await all.archiver().round(signal, true);
      all.objects.interference.before = () => {
        throw AWAY;
      };
      return { ...all, store: all.reader() };
    };

    it('serves what is hot, and takes what comes', async () => {
      const { store, tier } = await away();
      const { firstIndex } = await tier.hot.head(STREAM);
      expect(await store.append(STREAM, linesOf(101, 101))).toMatchObject({ first: 101 });
      expect(await store.append('job:new', linesOf(1, 1))).toMatchObject({ first: 1 });
      expect(await store.head(STREAM)).toMatchObject({ lastIndex: 101 });
      const page = await store.read(STREAM, { before: 102, limit: 1_000 });
      expect(shown(page)).toEqual(numbered(firstIndex, 101));
      expect(page.gaps).toEqual([]);
      expect(shown(await store.read(STREAM, { after: 95, limit: 3 }))).toEqual(numbered(96, 98));
    });

    it('refuses what is cold rather than to call it gone', async () => {
      const { store } = await away();
      for (const range of [
        { after: 0, limit: 5 },
        { before: 10, limit: 5 },
      ])
        await expect(store.read(STREAM, range)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    });

    it('waits little for one that says nothing, where it knows what it held, and tells that', async () => {
      const { reader, objects, clock, tier } = await away();
      objects.interference.before = undefined;
      const store = reader();
      expect(await store.head(STREAM)).toEqual({ firstIndex: 1, lastIndex: 100 });
      objects.interference.before = () => new Promise(() => undefined);
      clock.advance(61_000);
      const { firstIndex } = await tier.hot.head(STREAM);
      const read = store.read(STREAM, { after: firstIndex, limit: 3 });
      while (clock.sleeping === 0) await new Promise(setImmediate);
      clock.advance(250);
      expect(await read).toMatchObject({ firstIndex: 1, lastIndex: 100, gaps: [] });
      expect(shown(await store.read(STREAM, { before: 101, limit: 2 }))).toEqual(numbered(99, 100));
    });

    it('does not wait for one that says nothing', async () => {
      const { store, objects, clock } = await away();
      objects.interference.before = () => new Promise(() => undefined);
      const appended = store.append(STREAM, linesOf(101, 101));
      while (clock.sleeping === 0) await new Promise(setImmediate);
      clock.advance(1_000);
      expect(await appended).toMatchObject({ first: 101 });
    });
  });

  it('still serves what was archived when the hot store lost everything, and gives no index twice', async () => {
    const { tier, archiver, reader, clock } = tiers();
    const before = reader();
    for (let from = 1; from <= 91; from += 10) await before.append(STREAM, linesOf(from, from + 9));
    await before.append('job:1', linesOf(1, 2));
    await before.end('job:1', { status: 'failed', exitCode: 3 });
    await archiver().round(signal, true);
    tier.hot = new MemoryLogStore(clock);
    const store = reader();
    expect(await store.head(STREAM)).toEqual({ firstIndex: 1, lastIndex: 100 });
    expect(shown(await store.read(STREAM, { after: 0, limit: 200 }))).toEqual(numbered(1, 100));
    expect(shown(await store.read(STREAM, { before: 1_000, limit: 10 }))).toEqual(numbered(91, 100));
    expect(await store.head('job:1')).toEqual({
      firstIndex: 1,
      lastIndex: 2,
      ended: { status: 'failed', exitCode: 3 },
    });
    await expect(store.append('job:1', linesOf(3, 3))).rejects.toMatchObject({ code: 'CONFLICT' });
    const { first } = await store.append(STREAM, [lineOf('after')]);
    expect(first).toBeGreaterThan(100);
    const page = await store.read(STREAM, { after: 98, limit: 10 });
    expect(shown(page)).toEqual([...numbered(99, 100), `${first} after`]);
    expect(page.gaps).toEqual([{ from: 101, to: first - 1, reason: 'trimmed' }]);
    const back = await store.read(STREAM, { before: first + 1, limit: 3 });
    expect(shown(back)).toEqual([...numbered(99, 100), `${first} after`]);
  });

  it.each([1, 2, 3].map((round) => ({ seed: (Date.now() % 1_000_000) + round })))(
    'is one sequence to every reader, whatever is appended, archived, merged, cut short and started anew, seed $seed',
    async ({ seed }) => {
      const random = seededRandom(seed);
      const below = (limit: number) => Math.floor(random() * limit);
      const { clock, objects, archiver, reader, lost } = tiers({ hotBytes: 3_000 });
      const writer = reader();
      let worker = archiver();
      let store = reader();
      let last = 0;
      for (let step = 0; step < 400; step++) {
        const dice = below(10);
        if (dice < 4) {
          const count = 1 + below(12);
          await writer.append(STREAM, linesOf(last + 1, last + count));
          last += count;
        } else if (dice < 7) {
          // Whatever it is at, it dies there: a request fails, before or after it was done, and a new one takes over.
          let left = below(20);
          const fail = (): void => {
            if (--left === 0) throw AWAY;
          };
          if (below(2) === 0) objects.interference[below(2) === 0 ? 'before' : 'after'] = fail;
          await worker.round(signal, below(3) === 0);
          objects.interference.before = objects.interference.after = undefined;
          if (left <= 0) worker = archiver();
        } else if (dice === 7) clock.advance(below(2) === 0 ? 31_000 : 5 * 3_600_000);
        else if (dice === 8) store = reader();
        const limit = 1 + below(80);
        const after = below(last + 2);
        const forward = await store.read(STREAM, { after, limit });
        expect({ step, shown: shown(forward), gaps: forward.gaps }).toEqual({
          ...{ step, gaps: [] },
          shown: numbered(after + 1, Math.min(last, after + limit)),
        });
        const before = 1 + below(last + 2);
        const backward = await store.read(STREAM, { before, limit });
        expect({ step, shown: shown(backward), gaps: backward.gaps }).toEqual({
          ...{ step, gaps: [] },
          shown: numbered(Math.max(1, Math.min(before, last + 1) - limit), Math.min(before - 1, last)),
        });
        if (last > 0) expect(forward).toMatchObject({ firstIndex: 1, lastIndex: last });
      }
      expect(lost).toEqual([]);
    },
  );
});
