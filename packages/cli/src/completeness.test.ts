import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '@kubidu/contracts';

import { Completeness } from './completeness.ts';

function entries(from: number, to: number): LogEntry[] {
  return Array.from({ length: to - from + 1 }, (_, i) => ({ index: from + i, timestamp: '', message: '' }));
}

describe('the proof of completeness', () => {
  it('names the range', () => {
    const check = new Completeness();
    check.entries(entries(1, 12_431));
    expect([check.complete, check.report()]).toEqual([true, 'complete: 1–12,431']);
  });

  it.each([
    ['nothing', [], 'complete: no lines'],
    ['one line', entries(7, 7), 'complete: 7'],
  ])('says so of %s', (_name, read, report) => {
    const check = new Completeness();
    check.entries(read);
    expect(check.report()).toBe(report);
  });

  it('counts a gap as a hole, with its reason', () => {
    const check = new Completeness();
    check.entries(entries(1, 100));
    check.gap({ from: 101, to: 1_200, reason: 'expired' });
    check.entries(entries(1_201, 1_300));
    expect(check.complete).toBe(false);
    expect(check.report()).toBe('incomplete: 1–1,300, 1 hole\n  101–1,200: 1,100 lines missing (expired)');
  });

  it('counts a jump that nobody explained', () => {
    const check = new Completeness();
    check.entries([...entries(1, 4), ...entries(6, 9)]);
    expect(check.report()).toBe('incomplete: 1–9, 1 hole\n  5: 1 line missing (unexplained)');
  });

  it('counts what was lost before it was stored', () => {
    const check = new Completeness();
    const event = { type: 'lost', lines: 3, reason: 'rotated', podName: 'web-1', container: 'app' } as const;
    check.entries([...entries(1, 2), { index: 3, timestamp: '', message: '', stream: 'system', event }]);
    expect(check.report()).toBe(
      'incomplete: 1–3, 1 hole\n  3: 3 lines lost before they could be stored (rotated) of web-1 app',
    );
  });

  it('tells the first hundred holes and counts the rest', () => {
    const check = new Completeness();
    for (let index = 1; index < 400; index += 2) check.entries(entries(index, index));
    const lines = check.report().split('\n');
    expect(lines[0]).toBe('incomplete: 1–399, 199 holes');
    expect(lines).toHaveLength(102);
    expect(lines.at(-1)).toBe('  and 99 more');
  });
});
