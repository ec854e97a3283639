import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '@kubidu/contracts';
import { compile } from '@kubidu/query';

import type { Field } from './field.ts';
import { fieldTree, hasFields } from './field-tree.ts';
import { visibleFields } from './visible-fields.ts';

function entry(message: string | object, more: Partial<LogEntry> = {}): LogEntry {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  return { index: 1, timestamp: '2026-11-20T23:16:57Z', message: text, ...more };
}

function all(tree: readonly Field[]): readonly Field[] {
  return visibleFields(tree, new Set());
}

/** The term of the only value, or of the one with this name. */
function termOf(shown: LogEntry, name?: string): string | undefined {
  return all(fieldTree(shown)).find(
    (field) => field.children.length === 0 && (name === undefined || field.name === name),
  )?.term;
}

describe('whether an entry has fields', () => {
  it.each([
    ['an object of JSON', '{"a":1}', true],
    ['one with spaces and colours around it', ' \x1b[32m{ "a": 1 }\x1b[0m ', true],
    ['two fields of logfmt', 'level=info msg="a b"', true],
    ['logfmt among words', 'done job=3 took=2ms', true],
    ['one name with a value', 'GET /?a=b took=3', false],
    ['text', 'ready', false],
    ['what begins like JSON only', '{"a":1} and more', false],
  ])('of %s', (_name, message, has) => {
    expect(hasFields(entry(message))).toBe(has);
  });

  it('of one whose source sent them beside the message', () => {
    expect(hasFields(entry('call answered', { context: { userId: 42 } }))).toBe(true);
  });
});

describe('the fields of an entry', () => {
  it('are a tree', () => {
    const tree = fieldTree(entry({ msg: 'a', http: { status: 504 }, tags: ['x', 'y'], none: null, yes: true }));
    expect(all(tree).map(({ depth, name, type, text }) => `${'  '.repeat(depth - 1)}${name} ${type} ${text}`)).toEqual([
      'msg string a',
      'http object 1 field',
      '  status number 504',
      'tags list 2 elements',
      '  0 string x',
      '  1 string y',
      'none null null',
      'yes boolean true',
    ]);
  });

  it.each([
    ['a number', entry({ status: 504 }), 'status:504'],
    ['a number in logfmt', entry('a=1 status=504'), 'a:1'],
    ['a word', entry({ state: 'IN_CALL' }), 'state:IN_CALL'],
    ['a value with a space', entry({ msg: 'a b' }), 'msg:"a b"'],
    ['quotes and backslashes', entry({ msg: 'say "C:\\temp"' }), 'msg:"say \\"C:\\\\temp\\""'],
    ['a star, which means itself', entry({ msg: 'a*b' }), 'msg:"a*b"'],
    ['what looks like a comparison', entry({ msg: '>5' }), 'msg:">5"'],
    ['what looks like a pattern', entry({ msg: '/a/' }), 'msg:"/a/"'],
    ['nothing', entry({ msg: '' }), 'msg:""'],
    ['a colon', entry({ at: 'caller.ts:120' }), 'at:"caller.ts:120"'],
    ['true', entry({ ok: true }), 'ok:true'],
    ['null', entry({ ok: null }), 'ok:null'],
    ['a negative number', entry({ n: -3 }), 'n:-3'],
    ['a very large number', entry({ n: 1e21 }), 'n:1e+21'],
    ['a field in an object', entry({ http: { status: 504 } }), 'http.status:504'],
    ['an element of a list', entry({ tags: ['slow'] }), 'tags:slow'],
    ['an object in a list', entry({ spans: [{ id: 7 }] }), 'spans.id:7'],
    ['a name with a dot', entry({ 'http.status': 504 }), 'http.status:504'],
    ['a name with a space', entry({ 'a b': 'c' }), '"\\"a b\\":\\"c\\""'],
    ['a name that is a field of entries', entry({ pod: 'x' }), '"\\"pod\\":\\"x\\""'],
    ['such a name where there is a space behind the colon', entry('{ "level": 50 }'), '"\\"level\\": 50"'],
    ['__proto__', entry('{"__proto__":"x"}'), '__proto__:x'],
    ['what a source sent beside the message', entry('m', { context: { userId: 42 } }), 'context.userId:42'],
    ['letters beyond ASCII', entry({ name: 'Grüße 進' }), 'name:"Grüße 進"'],
  ])('have a term for %s that finds the entry', (_name, shown, term) => {
    expect(termOf(shown)).toBe(term);
    expect(compile(term).matches(shown)).toBe(true);
  });

  it('have no term where none finds the entry', () => {
    expect(termOf(entry('{"a b":"\\u0063"}'))).toBeUndefined();
    expect(termOf(entry({ msg: 'x'.repeat(5_000) }))).toBeUndefined();
  });

  it('have no term but such as find the entry, at random', () => {
    const seed = Number(process.env.KUBIDU_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32));
    const random = mulberry32(seed);
    const parts = [
      'a',
      'B',
      '"',
      '\\',
      '*',
      ' ',
      ':',
      '/',
      '<',
      '>',
      '(',
      ')',
      '-',
      '=',
      '.',
      'OR',
      '進',
      '🚀',
      '\t',
      '5',
    ];
    const text = (): string =>
      Array.from({ length: Math.floor(random() * 6) }, () => parts[Math.floor(random() * parts.length)]).join('');
    let terms = 0;
    for (let round = 0; round < 2_000; round++) {
      const shown = entry({ [text()]: text(), in: { [text()]: text() } });
      for (const { term } of all(fieldTree(shown))) {
        if (term === undefined) continue;
        terms++;
        if (!compile(term).matches(shown)) throw new Error(`KUBIDU_TEST_SEED=${seed}: ${term} misses ${shown.message}`);
      }
    }
    expect(terms).toBeGreaterThan(3_000);
  });
});

describe('hostile JSON', () => {
  it.each([
    ['nested 10,000 deep', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['lists 10,000 deep', `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['with a name of 200 KiB', `{"${'x'.repeat(200 * 1024)}":{"${'y'.repeat(1024)}":1}}`],
    ['with 20,000 names', JSON.stringify(Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, i])))],
    ['with a value of 256 KiB', JSON.stringify({ a: 'x'.repeat(256 * 1024) })],
    ['with names of every object', '{"__proto__":{"polluted":1},"constructor":{"prototype":1},"toString":2}'],
    ['that is none', '{"a":'],
  ])('%s is a small tree', (_name, message) => {
    const started = process.hrtime.bigint();
    const lines = all(fieldTree(entry(message)));
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(3_000);
    expect(lines.length).toBeLessThanOrEqual(500);
    for (const { name, text, depth } of lines) {
      expect(name.length).toBeLessThanOrEqual(257);
      expect(text.length).toBeLessThanOrEqual(2_049);
      expect(depth).toBeLessThanOrEqual(24);
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

/** A small seeded generator: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
