import { seededRandom } from '@kubidu/testing';
import { describe, expect, it } from '@jest/globals';

import { GapList } from './gap-list.ts';
import { IndexRanges } from './index-ranges.ts';

const MOST = 60;

describe('Stretches of indexes', () => {
  it.each([7, 8, Date.now() % 1e9])('know what is in them and what is not, whatever is added (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const upTo = (most: number) => 1 + Math.floor(random() * most);
    for (let round = 0; round < 40; round++) {
      const ranges = new IndexRanges();
      const oracle = new Set<number>();
      for (let step = 0; step < 12; step++) {
        const from = upTo(MOST);
        const to = Math.min(MOST, from + Math.floor(random() * 8) - 1);
        ranges.add(from, to);
        for (let index = from; index <= to; index++) oracle.add(index);
        const all = indexesOf({ from: 1, to: MOST });
        expect(all.filter((index) => ranges.has(index))).toEqual(all.filter((index) => oracle.has(index)));
        const missing = ranges.missing(1, MOST).flatMap((range) => indexesOf(range));
        expect(missing).toEqual(all.filter((index) => !oracle.has(index)));
        expect(ranges.all.filter(({ from }, place) => from <= (ranges.all[place - 1]?.to ?? -1) + 1)).toEqual([]);
      }
    }
  });
});

describe('Holes among rows', () => {
  it.each([9, 10, Date.now() % 1e9])('take one row each, and every index is found in its row (seed %i)', (seed) => {
    const random = seededRandom(seed);
    for (let round = 0; round < 40; round++) {
      const gaps = new GapList();
      for (let step = 0; step < 5; step++) {
        const from = 1 + Math.floor(random() * MOST);
        const reason = random() < 0.5 ? 'expired' : 'trimmed';
        gaps.add({ from, to: from + Math.floor(random() * 10), reason });
        let row = -1;
        let hole: object | undefined;
        for (let index = 1; index <= MOST; index++) {
          const at = gaps.at(index);
          if (at === undefined || at !== hole) row++;
          hole = at;
          const isFirst = at === undefined || at.from === index;
          if (gaps.rowOf(index) !== row || (isFirst && gaps.indexAt(row) !== index))
            throw new Error(`${index} is not found in row ${row} among ${JSON.stringify(gaps.holes)}`);
        }
      }
    }
  });

  it('keep the first reason that was given for an index', () => {
    const gaps = new GapList();
    gaps.add({ from: 5, to: 8, reason: 'expired' });
    gaps.add({ from: 1, to: 10, reason: 'trimmed' });
    expect(gaps.holes).toEqual([
      { from: 1, to: 4, reason: 'trimmed' },
      { from: 5, to: 8, reason: 'expired' },
      { from: 9, to: 10, reason: 'trimmed' },
    ]);
  });
});

function indexesOf({ from, to }: { from: number; to: number }): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, place) => from + place);
}
