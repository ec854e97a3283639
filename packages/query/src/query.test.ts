import { describe, expect, it } from '@jest/globals';
import { LEVELS, LIMITS } from '@kubidu/contracts';
import type { LogEntry } from '@kubidu/contracts';
import { seededRandom } from '@kubidu/testing';

import { ORDER } from './level-demand.ts';
import { logfmtFields } from './logfmt-fields.ts';
import { plainText } from './plain-text.ts';
import { compile } from './index.ts';
import { QueryError } from './query-error.ts';

const entry = (message: string, more: Partial<LogEntry> = {}): LogEntry => ({
  index: 1,
  timestamp: '2026-11-20T23:16:57Z',
  message,
  ...more,
});

describe('a query', () => {
  it('knows the levels of the contract, in their order', () => {
    expect(ORDER).toEqual(LEVELS);
  });

  it.each([
    ['a b', ' a   b '],
    ['a b', 'A B'],
    ['a b', '(a) (b)'],
    ['a b c', '(a b) c'],
    ['a OR b OR c', 'a OR (b OR c)'],
    ['a b', 'a AND b'],
    ['-a', 'NOT a'],
    ['level:warning', 'level:warn'],
    ['"a" b', 'a b'],
  ])('%p has the same key as %p', (one, other) => {
    expect(compile(one).key).toBe(compile(other).key);
  });

  it.each([
    ['a b', 'a OR b'],
    ['a b', '"a b"'],
    ['a*', '"a*"'],
    ['/A/', '/a/'],
    ['/a/', '/a/i'],
    ['level:warn', 'level:>=warn'],
  ])('%p has another key than %p', (one, other) => {
    expect(compile(one).key).not.toBe(compile(other).key);
  });

  it.each<[query: string, message: string, expected: boolean]>([
    ['grüße', 'GRÜSSE GRÜẞE GRÜßE', true],
    ['ПРИВЕТ', 'привет, мир', true],
    ['"\u{1f600}"', 'a \u{1f600} face', true],
    ['\ud83d', 'half of \u{1f600}', false],
    ['C:\\temp', 'in c:\\Temp\\x', false], // a field `C`
    ['"C:\\temp"', 'in c:\\Temp\\x', true],
    ['\t', 'anything', true],
    ['"a\tb"', 'a\tb', true],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['x:a*b*c', '{"x":"a-b-c"}', true],
    ['x:a*b*c', '{"x":"a-b-c-"}', false],
    ['x:a*a', '{"x":"a"}', false],
    ['x:*a', '{"x":"bA"}', true],
    ['x:1', '{"x":1.0}', true],
    ['x:1', '{"x":"1e0"}', true],
    ['x:01', '{"x":1}', true],
    ['x:true', '{"x":true}', true],
    ['x:null', '{"x":null}', true],
    ['x:*', '{"x":null}', true],
    ['x:""', '{"x":""}', true],
    ['x:*', '{"x":{"y":1}}', true],
    ['x:y', '{"x":{"y":1}}', false],
    ['x.y.z:1', '{"x":{"y.z":1}}', true],
    ['x.y.z:1', '{"x.y":{"z":1}}', true],
    ['x.y:2', '{"x":[{"y":1},{"y":2}]}', true],
    ['constructor.name:Object', '{"a":1}', false],
    ['__proto__:*', '{"a":1}', false],
    ['x:é', '{"x":"\\u00e9"}', true],
    ['x:"<b>"', '{"x":"\\u003cb\\u003e"}', true],
    ['x:1', '{"\\u0078":1}', true],
    ['x:a/b', '{"x":"a\\/b"}', true],
    ['x:1', ' {"x":1}', true],
    ['x:1', '{"x":1', false],
    ['x:1', 'see x=1 there', true],
    ['x:1', 'see xx=1 there', false],
    ['x:1', 'msg="see x=1 there"', false],
    ['x:1', '\x1b[36mx=\x1b[0m1', true],
    ['x:"a b"', 'x="a b" y=2', true],
    ['x:é', 'x="\\u00e9"', true],
    ['x:"C:\\\\B"', 'x="C:\\B"', true],
    ['id:7', '{"id":7}', true],
    ['level:error', '{"level":"error"}', false], // the entry's own says so, and the server gives it
    ['event', '\x1b]8;;http://event\x07link\x1b]8;;\x07', false],
  ])('%p asked of %p says %p', (text, message, expected) => {
    const query = compile(text);
    const asked = entry(message);
    expect(query.matches(asked)).toBe(expected);
    if (expected) expect(query.mayMatch(JSON.stringify(asked))).toBe(true);
  });

  it.each([
    ['timeout', 'ready', false],
    ['timeout OR refused', 'ready', false],
    ['timeout /x/', 'ready', false],
    ['level:error', 'an ERROR', false],
    ['userId:42', 'ready', false],
    ['pod:web', 'web', false],
    ['-timeout', 'ready', true],
    ['/time/', 'ready', true],
    ['ready OR -timeout', 'x', true],
  ])('%p may match %p, by its JSON: %p', (text, message, expected) => {
    expect(compile(text).mayMatch(JSON.stringify(entry(message)))).toBe(expected);
  });

  it.each([
    { what: 'words without an end', text: 'a'.repeat(1024 * 1024), column: LIMITS.queryLength + 1 },
    { what: 'ten thousand ORs', text: Array.from({ length: 10_000 }, () => 'a').join(' OR ') },
    { what: 'as many terms as fit', text: 'a '.repeat(LIMITS.queryLength / 2), column: LIMITS.queryTerms * 2 + 1 },
    { what: 'parentheses that open', text: '('.repeat(LIMITS.queryLength), column: LIMITS.queryDepth + 1 },
    { what: 'parentheses that close', text: ')'.repeat(LIMITS.queryLength), column: 1 },
    { what: 'one NOT within the other', text: 'NOT '.repeat(1_000), column: LIMITS.queryDepth * 4 + 1 },
    { what: 'a quote in a long text', text: `"${'\\"'.repeat(2_000)}`, column: 1 },
    { what: 'a pattern that repeats itself', text: '/(a{1000}){1000}/', column: 1 },
    { what: 'patterns that are large together', text: '/a{200}/ '.repeat(3), column: 19 },
    { what: 'a bracket that opens', text: `/${'['.repeat(1_000)}/`, column: 1 },
  ])('of $what is refused', ({ text, column }) => {
    let thrown: unknown;
    try {
      compile(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(QueryError);
    if (column !== undefined) expect((thrown as QueryError).column).toBe(column);
  });

  it.each([
    ['(a+)+$', 'a', 'b'],
    ['/(a+)+$/', 'a', 'b'],
    ['/(a|aa)+$/', 'a', 'b'],
    ['/(.*a){20}/', 'ab', ''],
    ['a*a*a*a*a*a*a*a*b', 'a', ''],
    ['x:*a*a*a*a*a*a*a*a*b', '{"x":"aaaa', ''],
    ['x:1', ' x="', ''],
    ['x:1', ' x="\\"', ''],
    ['x:1', '"x=', ''],
    ['x:1', 'xxxxx', '='],
    ['x:1', '{"x":', ''],
    ['x:1', '[', ''],
    ['y', '\x1b[', ''],
    ['y', '\x1b]', ''],
    ['y', '\x1b[1;', ''],
  ])('%p takes time that is linear in the line', (text, piece, end) => {
    let query;
    try {
      query = compile(text);
    } catch (error) {
      expect(error).toBeInstanceOf(QueryError); // refused is fine too
      return;
    }
    const cost = (size: number): number => {
      const asked = entry(piece.repeat(Math.ceil(size / piece.length)) + end);
      const before = process.cpuUsage();
      query.matches(asked);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    cost(1_024);
    // µs of one line of the largest size; what is not linear takes minutes.
    expect(cost(256 * 1024)).toBeLessThan(2_000_000);
  });

  it('finds in the JSON whatever it finds in the entry', () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = seededRandom(seed);
    for (let round = 0; round < 3_000; round++) {
      // Few pieces at a time, or query and line have nothing in common.
      const of = Array.from({ length: 4 }, () => pick(random, PIECES));
      const query = compile(someQuery(random, of, 3));
      for (let lines = 0; lines < 10; lines++) {
        const asked = someEntry(random, of);
        if (query.matches(asked) && !query.mayMatch(JSON.stringify(asked)))
          throw new Error(`seed ${seed}: ${query.text} matches ${JSON.stringify(asked)}, and its JSON denies it`);
      }
    }
  });
});

describe('plain text', () => {
  it.each([
    ['a', 'a'],
    ['\x1b[31;1mred\x1b[0m and \x1b[38;5;12mblue\x1b[m', 'red and blue'],
    ['\x1b]0;title\x07text', 'text'],
    ['\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\', 'link'],
    ['a\x1b', 'a\x1b'],
    ['a\x1b[', 'a\x1b['],
  ])('of %j is %j', (message, plain) => {
    expect(plainText(message)).toBe(plain);
  });
});

describe('logfmt', () => {
  it.each<[string, Record<string, string>]>([
    ['', {}],
    ['ready', {}],
    ['a=1 b="two words" c= d', { a: '1', b: 'two words', c: '' }],
    ['msg="say \\"hi\\" = x=1" y=2', { msg: 'say "hi" = x=1', y: '2' }],
    ['a=1 a=2', { a: '2' }],
    ['GET /x?a=1&b=2', { '/x?a': '1&b=2' }],
    ['a="open b=2', {}],
    ['a="x"y b=2', { b: '2' }],
    ['a="\\n\\u00e9\\\\"', { a: '\n\u00e9\\' }],
  ])('%j has %j', (line, fields) => {
    expect(Object.fromEntries(logfmtFields(line))).toEqual(fields);
  });
});

const PIECES = [
  'a',
  'B',
  'ab',
  'é',
  'É',
  '"',
  '\\',
  '/',
  '\n',
  '\x1b[1m',
  '\u{1f600}',
  '<',
  '0',
  '1',
  '12',
  ' ',
  '*',
  'ſ',
  'K',
];
const NAMES = ['a', 'b', 'a.b', 'id', 'context.a', 'level', 'pod', 'stream', 'step', 'x/y'];

function pick<T>(random: () => number, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

function someText(random: () => number, of: readonly string[], most = 4): string {
  return Array.from({ length: Math.ceil(random() * most) }, () => pick(random, of)).join('');
}

function someQuery(random: () => number, of: readonly string[], depth: number): string {
  const sub = () => someQuery(random, of, depth - 1);
  const quoted = () => `"${someText(random, of).replace(/["\\]/g, '\\$&')}"`;
  const bare = () => someText(random, of).replace(/[\s()"/<\x1b-]/g, '') || 'a';
  const kinds = [
    quoted,
    bare,
    () => `${pick(random, ['a', 'b', 'a.b', 'id', 'context.a', 'pod', 'x/y'])}:${pick(random, [quoted, bare])()}`,
    () => `${pick(random, ['a', 'b', 'step', 'id'])}:${pick(random, ['>', '<=', ''])}${Math.floor(random() * 20)}`,
    () => `${pick(random, NAMES)}:*`,
    () => `level:${pick(random, ['', '>=', '<'])}${pick(random, LEVELS)}`,
    () => `stream:${pick(random, ['stdout', 'std*'])}`,
    () => `/${bare().replace(/[[*\\]/g, '')}/i`,
    ...(depth > 0 ? [() => `(${sub()} ${sub()})`, () => `(${sub()} OR ${sub()})`, () => `-(${sub()})`] : []),
  ];
  return pick(random, kinds)();
}

function someEntry(random: () => number, of: readonly string[]): LogEntry {
  const value = () =>
    pick(random, [someText(random, of), Math.floor(random() * 20), true, [someText(random, of), 1], null]);
  const record = () => ({ a: value(), [pick(random, NAMES)]: value(), b: { b: value() } });
  const logfmt = () => `${someText(random, of)} a=${Math.floor(random() * 20)} b="${someText(random, of)}"`;
  // An application may write any character as its code.
  const encoded = () =>
    JSON.stringify(record()).replace(/[aé<]/g, (one) =>
      random() < 0.2 ? `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}` : one,
    );
  const maybe = <T>(value: T): T | undefined => (random() < 0.3 ? value : undefined);
  const all = {
    message: pick(random, [() => someText(random, of, 8), logfmt, encoded])(),
    level: maybe(pick(random, LEVELS)),
    stream: maybe(pick(random, ['stdout', 'stderr'] as const)),
    podName: maybe(someText(random, of)),
    step: maybe(Math.floor(random() * 20)),
    id: maybe(someText(random, of)),
    context: maybe(record()),
  };
  return JSON.parse(JSON.stringify({ index: 1, timestamp: '2026-11-20T23:16:57Z', ...all })) as LogEntry;
}
