import { describe, expect, it } from '@jest/globals';
import { compile } from '@kubidu/query';
import { seededRandom } from '@kubidu/testing';

import { Batch } from './batch.ts';
import { encodeEntry } from './encode-entry.ts';
import { LineEncoder } from './line-encoder.ts';
import { QueryFilter } from './query-filter.ts';

const timestamp = '2026-11-20T23:16:57Z';

describe('a query filter', () => {
  it('selects what matches, with its index', () => {
    const lines = ['timeout', 'ready', 'a Timeout'].map((message) => encodeEntry({ timestamp, message }));
    const excerpt = new QueryFilter(compile('timeout')).select(new Batch(7, lines));
    expect(excerpt.entries().map(({ index, message }) => `${index} ${message}`)).toEqual(['7 timeout', '9 a Timeout']);
  });

  it('asks once of each batch, however often it is asked', () => {
    const scanned: number[] = [];
    const filter = new QueryFilter(compile('a'), { onScan: (lines) => scanned.push(lines) });
    const batch = new Batch(1, [encodeEntry({ timestamp, message: 'a' }), encodeEntry({ timestamp, message: 'b' })]);
    expect(filter.select(batch)).toBe(filter.select(batch));
    expect(scanned).toEqual([2]);
  });

  it('gives a query up that costs too much, and from then on at once', () => {
    const lines = Array.from({ length: 100 }, () => encodeEntry({ timestamp, message: 'a' }));
    let cpu = 0;
    let cost = 0;
    const filter = new QueryFilter(compile('a'), { cpuUs: () => (cpu += cost) });
    for (let first = 1; first < 10_000; first += 100) filter.select(new Batch(first, lines));
    cost = 1_000_000_000;
    const refused = expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      details: [expect.objectContaining({ field: 'query' })],
    });
    expect(() => filter.select(new Batch(10_001, lines))).toThrow(refused);
    cost = 0;
    expect(() => filter.select(new Batch(10_101, lines))).toThrow(refused);
  });

  it('selects what evaluation of every entry selects, of random lines by random queries', () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = seededRandom(seed);
    for (let round = 0; round < 1_000; round++) {
      const of = Array.from({ length: 4 }, () => pick(random, PIECES));
      const query = compile(someQuery(random, of, 2));
      const batch = new Batch(1 + Math.floor(random() * 1_000), someLines(random, of));
      const naive = batch.entries().filter((entry) => query.matches(entry));
      const found = new QueryFilter(query).select(batch).entries();
      if (JSON.stringify(found) !== JSON.stringify(naive))
        throw new Error(`seed ${seed}: ${query.text} selects ${JSON.stringify(found)} of ${batch.json()}`);
    }
  });
});

const PIECES = ['a', 'B', 'é', '"', '\\', '\t', '\x1b[1m', '😀', '1', '{', ' ', '=', 'ERROR ', 'x=1'];

function pick<T>(random: () => number, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

function someText(random: () => number, of: readonly string[]): string {
  return Array.from({ length: Math.ceil(random() * 4) }, () => pick(random, of)).join('');
}

function someQuery(random: () => number, of: readonly string[], depth: number): string {
  const phrase = `"${someText(random, of).replace(/["\\]/g, '\\$&')}"`;
  if (depth === 0 || random() < 0.3)
    return pick(random, [phrase, `-${phrase}`, `pod:${phrase}`, `a:${phrase}`, 'level:>=warn', 'a:1', 'x:>0']);
  const [one, other] = [someQuery(random, of, depth - 1), someQuery(random, of, depth - 1)];
  return pick(random, [`${one} ${other}`, `(${one} OR ${other})`, `-(${one})`]);
}

/** As every writer of ours stores them. */
function someLines(random: () => number, of: readonly string[]): string[] {
  const message = () => pick(random, [() => someText(random, of), () => JSON.stringify({ a: someText(random, of) })])();
  const labels = { podName: someText(random, of), container: 'app', restart: 0 };
  const framed = Array.from({ length: 20 }, () => ({ timestamp, message: message() }));
  return [
    ...new LineEncoder(labels).encode(framed, 'stdout'),
    ...framed.map((line) => encodeEntry({ ...line, context: { a: someText(random, of) } })),
  ];
}
