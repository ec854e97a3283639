import { describe, expect, it } from '@jest/globals';

import { Allowances } from './allowances.ts';

describe('an allowance', () => {
  it('is a burst at first, grows back by the second, and never beyond the burst', () => {
    let nowMs = 0;
    const allowances = new Allowances({ perSecond: 2, burst: 3, now: () => nowMs });
    const takes = (count: number): number[] => Array.from({ length: count }, () => allowances.take('a'));
    expect(takes(5)).toEqual([0, 0, 0, 500, 500]);
    nowMs = 400;
    expect(takes(1)).toEqual([100]);
    nowMs = 500;
    expect(takes(2)).toEqual([0, 500]);
    nowMs = 1_000_000;
    expect(takes(4)).toEqual([0, 0, 0, 500]);
  });

  it('is each key’s own', () => {
    const allowances = new Allowances({ perSecond: 1, burst: 1, now: () => 0 });
    expect(['a', 'a', 'b'].map((key) => allowances.take(key))).toEqual([0, 1_000, 0]);
  });

  it('is forgotten for as many keys as are too many, the one used longest ago first', () => {
    const allowances = new Allowances({ perSecond: 1, burst: 1, keys: 2, now: () => 0 });
    for (let at = 0; at < 1_000; at++) allowances.take(`key ${at}`);
    expect(allowances.size).toBe(2);
    expect(allowances.take('key 999')).toBe(1_000);
    expect(allowances.take('key 0')).toBe(0);
  });
});
