import { describe, expect, it } from '@jest/globals';
import { compile } from '@kubidu/query';
import { seededRandom } from '@kubidu/testing';

import { GramFilter } from './archive/gram-filter.ts';
import { MemberBatch, MemberText } from './archive/member-batch.ts';
import { ObjectEncoder } from './archive/object-codec.ts';
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

describe('its sieve', () => {
  it('admits every member of which something matches, and what is screened is what matches, of random lines by random queries', async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = seededRandom(seed);
    let [admitted, matching] = [0, 0];
    for (let round = 0; round < 1_500; round++) {
      const of = Array.from({ length: 6 }, () => pick(random, [...PIECES, ...LONG_PIECES]));
      const query = compile(someQuery(random, of, 2));
      const batch = new Batch(1 + Math.floor(random() * 1_000), someLines(random, of.slice(0, 3)));
      const encoder = new ObjectEncoder(batch.first);
      await encoder.add(batch);
      const { index, filters } = await encoder.finish();
      const [member, parts] = [index.members[0], filters[0]];
      if (!member || !parts) throw new Error('an object without members');
      const filter = new GramFilter(parts);
      const text = Buffer.from(
        batch
          .indexed()
          .map((line) => `${line}\n`)
          .join(''),
      );
      const stored = new MemberBatch(new MemberText(text, batch.first, batch.last));
      const naive = batch.entries().flatMap((entry) => (query.matches(entry) ? [entry.index] : []));
      const found = new QueryFilter(query).select(stored);
      if (JSON.stringify(found.indexes) !== JSON.stringify(naive))
        throw new Error(`seed ${seed}: ${query.text} selects ${found.json()} of ${batch.json()}`);
      const [after, through] = [batch.first + Math.floor(random() * 20), batch.last - Math.floor(random() * 20)];
      const part = stored.slice(after, through);
      const within = naive.filter((index) => index > after && index <= through);
      expect(part ? new QueryFilter(query).select(part).indexes : []).toEqual(within);
      const admits = new QueryFilter(query).sieve?.admits({
        ...member,
        count: batch.count,
        mayHold: (text) => filter.mayHold(text),
      });
      const matches = batch.entries().some((entry) => query.matches(entry));
      if (matches && admits === false)
        throw new Error(`seed ${seed}: ${query.text} is not let through to ${batch.json()}`);
      admitted += Number(admits ?? true);
      matching += Number(matches);
    }
    // Else it admits whatever it is asked for, or the queries ask for nothing.
    expect(matching).toBeGreaterThan(300);
    expect(admitted).toBeLessThan(1_400);
  });

  it('knows a rare word from those of a member of realistic lines', async () => {
    const random = seededRandom(7);
    const hex = (length: number) => Array.from({ length }, () => pick(random, [...'0123456789abcdef'])).join('');
    const lines = Array.from({ length: 3_000 }, (_, at) =>
      encodeEntry({
        timestamp,
        message: `{"trace":"${hex(16)}","n":${at},"msg":"request completed","ip":"10.0.${at % 256}.7"}`,
      }),
    );
    const encoder = new ObjectEncoder(1);
    await encoder.add(new Batch(1, lines));
    const { filters } = await encoder.finish();
    const filter = new GramFilter(filters[0] ?? { word: new Uint8Array(), number: new Uint8Array() });
    expect(filter.size).toBeLessThan(2 * lines.length);
    expect(['request', 'REQUEST COMPLETED', '10.0.255.7'].map((text) => filter.mayHold(text))).toEqual([
      true,
      true,
      true,
    ]);
    const words = Array.from({ length: 100 }, () => pick(random, ['zanzibar', 'oomkilled', 'wombat']) + hex(4));
    expect(words.filter((word) => filter.mayHold(word)).length).toBeLessThan(3);
    const traces = Array.from({ length: 1_000 }, () => hex(16));
    expect(traces.filter((trace) => filter.mayHold(trace)).length).toBeLessThan(150);
  });
});

const LONG_PIECES = ['ſ', '\u212a', 'İ', 'kiss', 'KISS', 'ſaſ', 'status', '1f3a9', '7F3A', 'zanzibar', 'aß'];
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
    return pick(random, [
      phrase,
      phrase,
      patternOf(random, of),
      `-${phrase}`,
      `pod:${phrase}`,
      `a:${phrase}`,
      'level:>=warn',
      'a:1',
      'x:>0',
    ]);
  const [one, other] = [someQuery(random, of, depth - 1), someQuery(random, of, depth - 1)];
  return pick(random, [`${one} ${other}`, `(${one} OR ${other})`, `-(${one})`]);
}

function patternOf(random: () => number, of: readonly string[]): string {
  const text = () => someText(random, of).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  const source = pick(random, [
    text(),
    `${text()}.*${text()}`,
    `(?:${text()}|${text()})+`,
    `[ab]?${text()}$`,
    '^[a-c]+',
    '\\d\\W.',
    '[^a]\\b[A-Fk]',
    `(?:${text()}|[s-z]=)+[0-9]`,
    '(a+)+$',
  ]);
  return `/${source}/${pick(random, ['', 'i'])}`;
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
