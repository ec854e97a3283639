import { describe, expect, it } from '@jest/globals';

import { BLOCK, EntryCache } from './entry-cache.ts';

const entries = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, place) => ({
    index: from + place,
    timestamp: '2026-11-20T23:16:57Z',
    message: `line ${from + place}`,
    podName: `pod ${(from + place) % 2}`,
  }));

describe('The entries at hand', () => {
  it('are kept once, and say what was new', () => {
    const cache = new EntryCache();
    expect(cache.put(entries(1, 10))).toHaveLength(10);
    expect(cache.put(entries(5, 12)).map(({ index }) => index)).toEqual([11, 12]);
    expect(cache.size).toBe(12);
    expect(cache.absent({ from: 1, to: 15 })).toEqual([{ from: 13, to: 15 }]);
  });

  it('are bounded: those looked at longest ago go first, whole blocks of them', () => {
    const cache = new EntryCache({ maxEntries: 4 * BLOCK });
    cache.put(entries(1, 4 * BLOCK));
    cache.touch({ from: 1, to: BLOCK });
    for (let from = 4 * BLOCK + 1; from < 20 * BLOCK; from += BLOCK) {
      cache.put(entries(from, from + BLOCK - 1));
      cache.touch({ from: 1, to: BLOCK });
      expect(cache.size).toBeLessThanOrEqual(4 * BLOCK);
    }
    expect(cache.get(1)?.message).toBe('line 1');
    expect(cache.get(2 * BLOCK)).toBeUndefined();
  });

  it('are bounded in bytes too, save for the batch that came last', () => {
    const cache = new EntryCache({ maxBytes: 100_000 });
    const long = entries(1, 10 * BLOCK).map((entry) => ({ ...entry, message: 'x'.repeat(100) }));
    for (let from = 0; from < long.length; from += BLOCK) cache.put(long.slice(from, from + BLOCK));
    expect(cache.bytes).toBeLessThanOrEqual(BLOCK * 420 + 100_000);
    expect(cache.get(10 * BLOCK)).toBeDefined();
  });

  it('are counted by level, pod and container, also when they go', () => {
    const cache = new EntryCache({ maxEntries: 2 * BLOCK });
    cache.put(entries(1, BLOCK));
    expect(cache.counts.of('pod')).toEqual(new Map([['pod 1', BLOCK / 2], ['pod 0', BLOCK / 2]])); // prettier-ignore
    cache.put(entries(BLOCK + 1, 3 * BLOCK));
    const counted = [...cache.counts.of('pod').values()].reduce((sum, count) => sum + count, 0);
    expect(counted).toBe(cache.size);
  });
});
