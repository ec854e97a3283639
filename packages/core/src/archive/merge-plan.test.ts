import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@kubidu/testing';

import { coverOf } from './cover.ts';
import { nextMerge } from './merge-plan.ts';
import type { ArchivedObject } from './object-name.ts';

const DAY = '2026-11-20';
const KIB = 1024;
const MIB = 1024 * KIB;
/** Objects of a day on which something is written all the time: one every 30 s. */
const WRITTEN = 2_880;

/** A day's objects, merged after each twelve as an archiver does; with how many bytes merging wrote. */
function restOf(sizeOf: (at: number) => number): { objects: readonly ArchivedObject[]; mergedBytes: number } {
  let objects: ArchivedObject[] = [];
  let mergedBytes = 0;
  for (let at = 1; at <= WRITTEN; at++) {
    objects.push({ name: String(at), day: DAY, first: at, last: at, size: sizeOf(at), writtenAt: 0 });
    if (at % 12 > 0) continue;
    for (let parts = nextMerge(coverOf(objects)); parts; parts = nextMerge(coverOf(objects))) {
      const size = parts.reduce((sum, part) => sum + part.size, 0);
      const [first, last] = [parts[0]?.first ?? 0, parts.at(-1)?.last ?? 0];
      mergedBytes += size;
      const merged = { name: `${first}-${last}`, day: DAY, first, last, size, writtenAt: 0 };
      objects = [...objects.filter((object) => !parts?.includes(object)), merged];
    }
  }
  return { objects: coverOf(objects).map(({ object }) => object), mergedBytes };
}

describe('The objects of a day', () => {
  it.each([100, 4 * KIB, 30 * KIB, 64 * KIB, 65 * KIB, 400 * KIB, 513 * KIB, MIB, 4 * MIB])(
    'of %i bytes each come to rest as 300 at most, and merging writes them four times at most, but for what is small',
    (size) => {
      const { objects, mergedBytes } = restOf(() => size);
      expect(objects.length).toBeLessThanOrEqual(300);
      expect(mergedBytes).toBeLessThanOrEqual(4 * WRITTEN * size + (WRITTEN / 12) * 64 * KIB);
    },
  );

  it('of any sizes come to rest as 300 at most, with every entry once', () => {
    const seed = Date.now() % 1_000_000;
    const random = seededRandom(seed);
    const { objects } = restOf(() => Math.ceil(100 * 40_000 ** random()));
    expect({ seed, few: objects.length <= 300 }).toEqual({ seed, few: true });
    let next = 1;
    for (const { first, last } of objects) {
      expect({ seed, first }).toEqual({ seed, first: next });
      next = last + 1;
    }
    expect(next).toBe(WRITTEN + 1);
  });

  it('are merged up to 48 MiB at once, which are held in memory', () => {
    const objects = Array.from({ length: 40 }, (_, at) => ({
      ...{ name: String(at), day: DAY, first: at + 1, last: at + 1, size: 3 * MIB, writtenAt: 0 },
    }));
    expect(nextMerge(coverOf(objects))?.length).toBe(16);
  });
});
