import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '@kubidu/contracts';
import { seededRandom } from '@kubidu/testing';

import { compile } from './index.ts';
import { LineAutomaton } from './line-automaton.ts';
import { patternScreen } from './pattern-screen.ts';
import { programOf } from './re2-pattern.ts';

const entry = (message: string, index = 1): LogEntry => ({ index, timestamp: '2026-11-20T23:16:57.123Z', message });
const written = (entries: readonly object[]): string => entries.map((one) => `${JSON.stringify(one)}\n`).join('');

/** The numbers, from 0, of the lines that a screen finds when it is asked for each next one. */
function foundBy(source: string, text: string | Uint8Array, flags = ''): number[] {
  const bytes = Buffer.from(text);
  const screen = patternScreen({ type: 'pattern', source, flags });
  if (!screen) throw new Error(`${source} cannot be screened`);
  const next = screen({ bytes, latin1: bytes.toString('latin1') });
  const found: number[] = [];
  for (let at = next(0); at >= 0;) {
    found.push(...linesAt([at], bytes));
    const feed = bytes.indexOf(10, at);
    at = feed < 0 ? -1 : next(feed + 1);
  }
  return found;
}

/** The numbers of the lines that a query's pattern matches. */
function matching(source: string, entries: readonly LogEntry[], flags = ''): number[] {
  const query = compile(`/${source.replaceAll('/', '\\/')}/${flags}`);
  return entries.flatMap((one, at) => (query.matches(one) ? [at] : []));
}

describe('the screen of a pattern', () => {
  it.each<[pattern: string, messages: string[], found: number[]]>([
    ['[45]\\d\\d ', ['a 404 b', 'a 40 b', '500 ', '"500"', '\\500 '], [0, 2, 4]],
    ['\\\\\\d{3}', ['\\\\123', '\\123', '\\12', '\\n123', '/123'], [0, 1]],
    ['a"b', ['a"b', 'a\\"b', 'ab'], [0]],
    ['\\n\\d', ['\n1', '\\n1', 'n1'], [0]],
    ['[^\\\\]n', ['\\n', '\nn', 'an'], [1, 2]],
    ['(?:GET|POST) .*9[0-9]', ['GET /a 98', 'PUT /a 98', 'POST 9 9x', 'POST 90'], [0, 3]],
    ['m[a-z]+e":', ['m', 'message":'], [1]],
  ])('%p finds what it matches and nothing else, of lines of ASCII', (pattern, messages, found) => {
    const entries = messages.map((message, at) => entry(message, at + 1));
    expect(matching(pattern, entries)).toEqual(found);
    expect(foundBy(pattern, written(entries))).toEqual(found);
  });

  it('looks at messages only', () => {
    const entries = [{ ...entry('a 7'), level: 'WARN', context: { message: 'x42y' } }, entry('b', 42)];
    expect(foundBy('[x\\d]\\d[y\\d]', written(entries))).toEqual([]);
    expect(foundBy('[x\\d]\\d[y\\d]', written([...entries, entry('x42y')]))).toEqual([2]);
  });

  it('finds lines that it cannot read, whatever they are', () => {
    const odd = [
      '{"index":1}',
      '{}',
      '',
      'x',
      '{"index":1,"message":"b"}',
      '{"index":1,"timestamp":"\\u0041","message":"b"}',
    ];
    const lines = odd.flatMap((line) => [JSON.stringify(entry('b')), line]);
    const own = lines.flatMap((_, at) => (at % 2 === 1 ? [at] : []));
    expect(foundBy('[a]', `${lines.join('\n')}\n`)).toEqual(own);
    expect(foundBy('[a]', written(['é', '\x1b[1mb', '\u{1f600}', 'b'].map((message) => entry(message))))).toEqual([
      0, 1, 2,
    ]);
  });

  it('finds each line that matches, of random lines by random patterns, wherever their text is cut', () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = seededRandom(seed);
    let [matched, left] = [0, 0];
    for (let round = 0; round < 1_000; round++) {
      const of = Array.from({ length: 5 }, () => pick(random, PIECES));
      const entries = Array.from({ length: Math.ceil(random() * 12) }, (_, at) => entry(someText(random, of), at + 1));
      const [source, flags] = [somePattern(random, of, 2), pick(random, ['', 'i', 's', 'm'])];
      if (!patternScreen({ type: 'pattern', source, flags })) continue;
      const expected = matching(source, entries, flags);
      const bytes = Buffer.from(written(entries));
      const found = foundBy(source, bytes, flags);
      const missed = expected.filter((line) => !found.includes(line));
      const ascending = [...new Set(found)].sort((a, b) => a - b);
      if (missed.length > 0 || ascending.join() !== found.join())
        throw new Error(`seed ${seed}: /${source}/${flags} finds ${found.join()} of ${bytes.toString()}`);
      const cut = bytes.subarray(0, Math.floor(random() * bytes.length));
      const [whole, foundOfCut] = [cut.filter((byte) => byte === 10).length, foundBy(source, cut, flags)];
      const begun = cut.length > 0 && cut.at(-1) !== 10 ? whole + 1 : whole;
      if (expected.some((line) => line < begun && !foundOfCut.includes(line)))
        throw new Error(`seed ${seed}: /${source}/${flags} finds ${foundOfCut.join()} of ${cut.toString()}`);
      matched += expected.length;
      left += entries.length - found.length;
    }
    // Else it finds all lines, or the patterns match none.
    expect(matched).toBeGreaterThan(250);
    expect(left).toBeGreaterThan(250);
  });

  it('misses nothing where a pattern has more states than it makes, however often it is asked, and soon makes no more', () => {
    const random = seededRandom(3);
    const source = '[ab].{16}[yz]';
    const entries = Array.from({ length: 3_000 }, (_, at) =>
      entry(Array.from({ length: 60 }, () => pick(random, [...'abcdefgz  '])).join(''), at + 1),
    );
    const expected = matching(source, entries);
    expect(expected.length).toBeGreaterThan(1_000);
    const program = programOf({ type: 'pattern', source, flags: '' });
    if (!program) throw new Error('a pattern without a program');
    let read = 0;
    const counted = { ...program, getInst: (place: number) => (read++, program.getInst(place)) };
    const automaton = new LineAutomaton(counted);
    const reads = [500, 1_000, 2_000, 3_000].map((count) => {
      const bytes = Buffer.from(written(entries.slice(0, count)));
      const before = read;
      const found = new Set(linesAt(automaton.search(bytes), bytes));
      expect(expected.filter((line) => line < count && !found.has(line))).toEqual([]);
      return read - before;
    });
    // Without a limit it is more than 80,000 for each.
    expect(Math.max(...reads)).toBeLessThan(50_000);
  });
});

/** The number, from 0, of each place's line. */
function linesAt(places: readonly number[], bytes: Buffer): number[] {
  let [line, feed] = [0, bytes.indexOf(10)];
  return places.map((place) => {
    for (; feed >= 0 && feed < place; feed = bytes.indexOf(10, feed + 1)) line++;
    return line;
  });
}

const PIECES = [
  'a',
  'B',
  'k',
  '1',
  '42',
  ' ',
  '"',
  '\\',
  '/',
  '\n',
  '\t',
  '\b',
  '\x1b[1m',
  '\u0000',
  'é',
  '\u{1f600}',
  '\u212a',
  '","',
];

function pick<T>(random: () => number, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

function someText(random: () => number, of: readonly string[]): string {
  return Array.from({ length: Math.floor(random() * 8) }, () => pick(random, of)).join('');
}

function somePattern(random: () => number, of: readonly string[], depth: number): string {
  if (depth === 0 || random() < 0.2)
    return pick(random, [
      ...['.', '\\d', '\\W', '[a-k]', '[^"]', '[^\\\\a]', '\\s', '\\b', '^', '$', '\\x{212a}'],
      ...Array.from({ length: 8 }, () => pick(random, of).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')),
    ]);
  const [one, other] = [somePattern(random, of, depth - 1), somePattern(random, of, depth - 1)];
  return pick(random, [
    `${one}${other}`,
    `${one}${other}`,
    `(?:${one}|${other})`,
    `(?:${one})+${other}`,
    `(?:${one}){2}`,
    `${one}.*${other}`,
  ]);
}
