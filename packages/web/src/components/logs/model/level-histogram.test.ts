import { describe, expect, it } from '@jest/globals';

import { LevelHistogram } from './level-histogram.ts';

describe('Levels over time', () => {
  it('count each entry once, and get coarser rather than more', () => {
    const histogram = new LevelHistogram();
    const entries = Array.from({ length: 20_000 }, (_, place) => ({
      index: place + 1,
      timestamp: new Date(1_700_000_000_000 + place * 5_000).toISOString(),
      message: '',
      ...(place % 2 === 0 && { level: 'ERROR' as const }),
    }));
    histogram.add(entries);
    histogram.add(entries.slice(0, 100));
    const bars = histogram.bars(100);
    expect(bars.length).toBeLessThanOrEqual(101);
    const sum = (place: number) => bars.reduce((all, { counts }) => all + (counts[place] ?? 0), 0);
    expect([sum(4), sum(6)]).toEqual([10_000, 10_000]);
    for (const [place, bar] of bars.entries()) expect(bar.from).toBe(bars[place - 1]?.to ?? bar.from);
  });
});
