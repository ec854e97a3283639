import { describe, expect, it } from '@jest/globals';
import type { StreamId } from '@kubidu/contracts';
import { compile } from '@kubidu/query';
import { seededRandom } from '@kubidu/testing';

import type { Batch } from './batch.ts';
import { encodeEntry } from './encode-entry.ts';
import { Excerpt } from './excerpt.ts';
import type { ReadRange } from './log-store.ts';
import { MemoryLogStore } from './memory-log-store.ts';
import { Passed } from './passed.ts';
import { QueryFilter } from './query-filter.ts';
import { scan } from './scan.ts';
import type { Scan } from './scan.ts';

const STREAM: StreamId = 'runtime:web';
const filter = () => new QueryFilter(compile('match'));

/** A stream whose lines at these indexes match; what is up to `gone` is trimmed. */
async function stored(last: number, matching: readonly number[], gone = 0): Promise<MemoryLogStore> {
  const store = new MemoryLogStore();
  for (let index = 1; index <= last; index += 10) {
    const lines = Array.from({ length: Math.min(10, last + 1 - index) }, (_, at) =>
      encodeEntry({
        timestamp: '2026-11-20T23:16:57Z',
        message: matching.includes(index + at) ? 'a match' : 'another',
      }),
    );
    await store.append(STREAM, lines);
  }
  if (gone > 0) await store.trim(STREAM, { through: gone });
  return store;
}

const found = ({ parts, edge }: Scan) => ({
  indexes: parts.flatMap((part) => (part instanceof Excerpt ? part.indexes : [])),
  gaps: parts.flatMap((part) => (part instanceof Excerpt ? [] : [`${part.from}–${part.to}`])),
  edge,
});

/** As a store that passes over what a sieve does not admit: here batches of ten that have no match. */
function sifting(store: MemoryLogStore, matching: readonly number[]) {
  return async (range: ReadRange) => {
    const page = await store.read(STREAM, range);
    const hit = ({ first, last }: Batch) => matching.some((index) => index >= first && index <= last);
    const passed = page.batches.filter((batch) => !hit(batch)).map(({ first, last }) => new Passed(first, last));
    return { ...page, batches: page.batches.filter(hit), passed };
  };
}

describe('a scan', () => {
  it.each([
    { range: { after: 0, limit: 9 }, most: 100, indexes: [3, 17, 33], gaps: [], edge: 40 },
    { range: { after: 3, limit: 9 }, most: 100, indexes: [17, 33], gaps: [], edge: 40 },
    { range: { after: 0, limit: 2 }, most: 100, indexes: [3, 17], gaps: [], edge: 17 },
    { range: { after: 0, limit: 9 }, most: 20, indexes: [3, 17], gaps: [], edge: 20 },
    { range: { after: 40, limit: 9 }, most: 100, indexes: [], gaps: [], edge: 40 },
    { range: { before: 41, limit: 9 }, most: 100, indexes: [3, 17, 33], gaps: [], edge: 1 },
    { range: { before: 33, limit: 9 }, most: 100, indexes: [3, 17], gaps: [], edge: 1 },
    { range: { before: 41, limit: 2 }, most: 100, indexes: [17, 33], gaps: [], edge: 17 },
    { range: { before: 41, limit: 9 }, most: 10, indexes: [33], gaps: [], edge: 31 },
    { range: { before: 1, limit: 9 }, most: 100, indexes: [], gaps: [], edge: 1 },
  ])('of $range, looking at $most, finds $indexes and stops at $edge', async ({ range, most, ...expected }) => {
    const store = await stored(40, [3, 17, 33]);
    expect(found(await scan((one) => store.read(STREAM, one), range, filter(), { most }))).toEqual(expected);
  });

  it('tells what can no longer be had', async () => {
    const store = await stored(40, [3, 17, 33], 20);
    const read = (range: ReadRange) => store.read(STREAM, range);
    const forward = await scan(read, { after: 4, limit: 9 }, filter(), { most: 100 });
    expect(found(forward)).toEqual({ indexes: [33], gaps: ['5–20'], edge: 40 });
  });

  it('goes on behind what was passed over, which costs little', async () => {
    const store = await stored(400, [3, 333]);
    const read = sifting(store, [3, 333]);
    const forward = await scan(read, { after: 0, limit: 9 }, filter(), { most: 100 });
    expect([found(forward), forward.scanned]).toEqual([{ indexes: [3, 333], gaps: [], edge: 400 }, 24]);
    const back = await scan(read, { before: 401, limit: 1 }, filter(), { most: 100 });
    expect(found(back)).toEqual({ indexes: [333], gaps: [], edge: 333 });
  });

  it('stops when its signal does', async () => {
    const store = await stored(40, []);
    const stop = new AbortController();
    const read = async (range: ReadRange) => {
      stop.abort();
      return store.read(STREAM, range);
    };
    const scanning = scan(read, { after: 0, limit: 9 }, filter(), { most: 1_000, signal: stop.signal });
    await expect(scanning).rejects.toBe(stop.signal.reason);
  });

  it('meets every match once, in whichever steps one goes', async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = seededRandom(seed);
    const some = (most: number) => 1 + Math.floor(random() * most);
    for (let round = 0; round < 50; round++) {
      const last = some(200);
      const matching = Array.from({ length: last }, (_, at) => at + 1).filter(() => random() < 0.2);
      const store = await stored(last, matching);
      const read = (range: ReadRange) => store.read(STREAM, range);
      const forward: number[] = [];
      for (let after = 0; after < last;) {
        const step = found(await scan(read, { after, limit: some(9) }, filter(), { most: some(60) }));
        forward.push(...step.indexes);
        after = step.edge;
      }
      const backward: number[] = [];
      for (let before = last + 1; before > 1;) {
        const step = found(await scan(read, { before, limit: some(9) }, filter(), { most: some(60) }));
        backward.unshift(...step.indexes);
        before = step.edge;
      }
      expect({ seed, forward, backward }).toEqual({ seed, forward: matching, backward: matching });
    }
  });
});
