import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@kubidu/testing';

import { Batch, withIndex } from './batch.ts';
import type { ReadRange } from './log-store.ts';
import { PAGE_SIZE, pageOf } from './page.ts';
import { Ring, RingBudget } from './ring.ts';

const batch = (first: number, last: number, size = 0) =>
  new Batch(
    first,
    Array.from({ length: last - first + 1 }, (_, at) => `{"message":"${`${first + at} `.padEnd(size, 'x')}"}`),
  );
const span = ({ batches }: { batches: readonly Batch[] }) => batches.map(({ first, last }) => [first, last]);

describe('a batch', () => {
  it('gives each entry its index', () => {
    expect(batch(7, 9).entries()).toEqual([
      { index: 7, message: '7 ' },
      { index: 8, message: '8 ' },
      { index: 9, message: '9 ' },
    ]);
    expect([withIndex('{}', 3), withIndex('{"a":1}', 3)]).toEqual(['{"index":3}', '{"index":3,"a":1}']);
  });

  it.each([
    { after: 0, through: undefined, span: [7, 9] },
    { after: 6, through: 9, span: [7, 9] },
    { after: 7, through: undefined, span: [8, 9] },
    { after: 0, through: 8, span: [7, 8] },
    { after: 7, through: 8, span: [8, 8] },
    { after: 9, through: undefined, span: undefined },
    { after: 0, through: 6, span: undefined },
    { after: 8, through: 8, span: undefined },
  ])('from 7 to 9 cut after $after through $through is $span', ({ after, through, span: expected }) => {
    const part = batch(7, 9).slice(after, through);
    expect(part && [part.first, part.last]).toEqual(expected);
    if (part) expect(part.entries().map(({ index, message }) => `${index} ` === message)).not.toContain(false);
  });
});

describe('a page of batches 5–7, 8–8 and 12–14 of a stream 5–14', () => {
  const batches = [batch(5, 7), batch(8, 8), batch(12, 14)];
  const head = { firstIndex: 5, lastIndex: 14 };
  const hole = { from: 9, to: 11, reason: 'trimmed' };
  const gone = { from: 1, to: 4, reason: 'trimmed' };

  it.each([
    {
      range: { after: 0, limit: 100 },
      spans: [
        [5, 7],
        [8, 8],
        [12, 14],
      ],
      gaps: [gone, hole],
    },
    { range: { after: 0, limit: 1 }, spans: [[5, 5]], gaps: [gone] },
    { range: { after: 2, limit: 3 }, spans: [[5, 7]], gaps: [{ ...gone, from: 3 }] },
    {
      range: { after: 4, limit: 4 },
      spans: [
        [5, 7],
        [8, 8],
      ],
      gaps: [],
    },
    {
      range: { after: 4, limit: 5 },
      spans: [
        [5, 7],
        [8, 8],
        [12, 12],
      ],
      gaps: [hole],
    },
    { range: { after: 9, limit: 100 }, spans: [[12, 14]], gaps: [{ ...hole, from: 10 }] },
    { range: { after: 14, limit: 100 }, spans: [], gaps: [] },
    { range: { after: 99, limit: 100 }, spans: [], gaps: [] },
    { range: { after: 0, limit: 0 }, spans: [], gaps: [] },
    { range: { before: 15, limit: 2 }, spans: [[13, 14]], gaps: [] },
    { range: { before: 99, limit: 3 }, spans: [[12, 14]], gaps: [] },
    {
      range: { before: 99, limit: 4 },
      spans: [
        [8, 8],
        [12, 14],
      ],
      gaps: [hole],
    },
    {
      range: { before: 10, limit: 2 },
      spans: [
        [7, 7],
        [8, 8],
      ],
      gaps: [{ ...hole, to: 9 }],
    },
    { range: { before: 7, limit: 9 }, spans: [[5, 6]], gaps: [gone] },
    { range: { before: 5, limit: 9 }, spans: [], gaps: [gone] },
    { range: { before: 3, limit: 9 }, spans: [], gaps: [{ ...gone, to: 2 }] },
    { range: { before: 1, limit: 9 }, spans: [], gaps: [] },
    { range: { before: 0, limit: 9 }, spans: [], gaps: [] },
    { range: { before: 99, limit: 0 }, spans: [], gaps: [] },
  ])('$range is $spans without $gaps', ({ range, spans, gaps }) => {
    const page = pageOf(batches, head, range);
    expect([span(page), page.gaps]).toEqual([spans, gaps]);
    expect(page).toMatchObject(head);
  });

  it('gives the reason that the stream has', () => {
    expect(pageOf(batches, { ...head, gone: 'expired' }, { after: 0, limit: 1 }).gaps).toEqual([
      { from: 1, to: 4, reason: 'expired' },
    ]);
  });

  it.each([
    {
      range: { after: 0, limit: 10_000 },
      spans: [
        [1, 10],
        [11, 20],
      ],
    },
    {
      range: { before: 41, limit: 10_000 },
      spans: [
        [21, 30],
        [31, 40],
      ],
    },
  ])('ends with the batch that fills its bytes: $range', ({ range, spans }) => {
    const large = [1, 11, 21, 31].map((first) => batch(first, first + 9, PAGE_SIZE / 16));
    const page = pageOf(large, { firstIndex: 1, lastIndex: 40 }, range);
    expect([span(page), page.gaps]).toEqual([spans, []]);
  });
});

describe('any page', () => {
  it.each(Array.from({ length: 30 }, (_, seed) => seed))('is what a plain reading gives (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const below = (most: number) => Math.floor(random() * most);
    const batches: Batch[] = [];
    let next = 1 + below(5);
    const firstIndex = next;
    for (let count = below(8); count > 0; count--) {
      batches.push(batch(next, next + below(6)));
      next = batches.at(-1)!.last + 1 + (random() < 0.2 ? 1 + below(4) : 0);
    }
    const lastIndex = (batches.at(-1)?.last ?? firstIndex - 1) + (random() < 0.2 ? below(4) : 0);
    const held = new Set(batches.flatMap((each) => each.entries().map(({ index }) => index)));
    for (let times = 0; times < 100; times++) {
      const limit = 1 + below(12);
      const at = below(lastIndex + 4);
      const range: ReadRange = random() < 0.5 ? { after: at, limit } : { before: at, limit };
      const page = pageOf(batches, { firstIndex, lastIndex }, range);
      expect(told(page)).toEqual(plain(held, lastIndex, range));
    }
  });
});

describe('a ring', () => {
  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'answers as the store does, or not at all (seed %i)',
    (seed) => {
      const random = seededRandom(seed);
      const below = (most: number) => Math.floor(random() * most);
      const ring = new Ring(new RingBudget(random() < 0.5 ? 2_000 : 1_000_000));
      const batches: Batch[] = [];
      let last = below(3) * 50;
      let answered = 0;
      const before = last > 0 ? [batch(1, last)] : [];
      for (let times = 0; times < 200; times++) {
        const next = batch(last + 1, last + 1 + below(5));
        batches.push(next);
        ring.push(next);
        last = next.last;
        if (random() < 0.02) ring.clear();
        const at = random() < 0.1 ? Number.MAX_SAFE_INTEGER : below(last + 10);
        const limit = 1 + below(40);
        const range: ReadRange = random() < 0.5 ? { after: at, limit } : { before: at, limit };
        const stretch = ring.read(range, last);
        if (!stretch) continue;
        answered++;
        const page = pageOf([...before, ...batches], { firstIndex: 1, lastIndex: last }, range);
        expect(told(stretch)).toEqual(told(page));
      }
      expect(answered).toBeGreaterThan(10);
    },
  );

  it('answers for the newest of a stream that is younger than what was asked for', () => {
    const ring = new Ring(new RingBudget());
    ring.push(batch(1, 3));
    expect(span(ring.read({ before: 4, limit: 100 }, 3)!)).toEqual([[1, 3]]);
    expect(ring.read({ before: Number.MAX_SAFE_INTEGER, limit: 100 }, 3)!.gaps).toEqual([]);
  });

  it('forgets its oldest batches beyond 2 Mi characters, and keeps none that is larger', () => {
    const ring = new Ring(new RingBudget());
    for (let first = 1; first <= 50; first++) ring.push(batch(first, first, 100_000));
    expect(ring.size).toBeLessThanOrEqual(2 * 1024 * 1024);
    expect(ring.read({ after: 40, limit: 100 }, 50)?.batches).toHaveLength(10);
    expect(ring.read({ after: 10, limit: 100 }, 50)).toBeUndefined();
    ring.push(batch(51, 51, 3 * 1024 * 1024));
    expect(ring.size).toBe(0);
    expect(ring.read({ after: 50, limit: 1 }, 51)).toBeUndefined();
  });

  it('shares one bound with 1,000 others; those that were written last keep the most', () => {
    const budget = new RingBudget(1_000_000);
    const rings = Array.from({ length: 1_000 }, () => new Ring(budget));
    const random = seededRandom(1);
    const next = rings.map(() => 1);
    const total = () => rings.reduce((sum, ring) => sum + ring.size, 0);
    for (let times = 0; times < 10_000; times++) {
      const at = Math.floor(random() * rings.length);
      rings[at]!.push(batch(next[at]!, next[at]!, 100 + Math.floor(random() * 2_000)));
      next[at]!++;
      if (times % 500 === 0) expect(total()).toBeLessThanOrEqual(1_000_000);
    }
    expect(total()).toBeLessThanOrEqual(1_000_000);
    expect(total()).toBeGreaterThan(900_000);
    for (const ring of rings) ring.clear();
    const alone = new Ring(budget);
    alone.push(batch(1, 1, 999_000));
    expect(alone.size).toBeGreaterThan(990_000);
  });
});

/** Every index a page speaks of, ascending: what it holds as it is, what is gone negative. */
function told({
  batches,
  gaps,
}: {
  batches: readonly Batch[];
  gaps: readonly { from: number; to: number }[];
}): number[] {
  const held = batches.flatMap((each) => each.entries().map(({ index }) => index));
  const gone = gaps.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, at) => -(from + at)));
  return [...held, ...gone].sort((a, b) => Math.abs(a) - Math.abs(b));
}

/** The same by walking index by index. */
function plain(held: ReadonlySet<number>, lastIndex: number, range: ReadRange): number[] {
  const all: number[] = [];
  let room = range.limit;
  const forward = range.after !== undefined;
  let at = forward ? range.after + 1 : Math.min(range.before - 1, lastIndex);
  let pending: number[] = [];
  for (; at >= 1 && at <= lastIndex && room > 0; at += forward ? 1 : -1) {
    if (!held.has(at)) {
      pending.push(-at);
      continue;
    }
    all.push(...pending, at);
    pending = [];
    room--;
  }
  if (room > 0) all.push(...pending);
  return all.sort((a, b) => Math.abs(a) - Math.abs(b));
}
