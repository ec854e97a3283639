import { readdir } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { eventually } from '../eventually.ts';
import { RawHttp } from '../protocol/raw-http.ts';
import { RunningApi } from '../running-api.ts';

/** What makes an engine that backtracks try every way to part it: more than it could in a lifetime. */
const TRAP = `${'a'.repeat(20_000)}b`;
const TRAPS = 200;

const many = (count: number, text: (n: number) => string) => Array.from({ length: count }, (_, n) => text(n));
const nested = (depth: number) => '('.repeat(depth) + 'a' + ')'.repeat(depth);

/** Queries that are none, each within the longest that a query may be. */
const REFUSED: readonly (readonly [name: string, query: string])[] = [
  ['a parenthesis that is not closed', '(a'],
  ['a parenthesis that was not opened', 'a)'],
  ['nothing but parentheses', '('.repeat(4_000)],
  ['parentheses 2,000 deep', nested(2_000)],
  ['2,000 negations', '-'.repeat(2_000) + 'a'],
  ['2,000 negated groups', '-('.repeat(1_000) + 'a' + ')'.repeat(1_000)],
  ['a quote that is not closed', '"a'],
  ['a pattern that is none', '/(/'],
  ['a class that is not closed', '/[a/'],
  ['groups in a pattern 1,500 deep', `/${nested(1_500)}/`],
  ['repetitions of repetitions', '/((a{0,100}){0,100}){0,100}/'],
  ['a repetition beyond counting', '/a{99999999999999999999}/'],
  ['a pattern with a reference back', '/(a)\\1/'],
  ['a pattern that looks ahead', '/(?=a)a/'],
  ['a pattern of 900 classes', `/${'[^a]'.repeat(900)}/`],
  ['a thousand ORs', many(1_000, () => 'a').join(' OR ')],
  ['ORs without words', 'OR '.repeat(1_000)],
  ['patterns that are large together', many(200, () => '/\\pL{9}/').join(' ')],
];

/** Queries that cost much for each character, where they cost anything that can be told. */
const COSTLY: readonly (readonly [name: string, query: string])[] = [
  ['a repeated repetition', '/(a+)+$/'],
  ['two ways for each letter', '/(a|a)*c/'],
  ['two ways for every two letters', '/(a|aa)+$/'],
  ['a repetition in a repetition in a repetition', '/^(([a-z])+.)+[A-Z]([a-z])+$/'],
  ['a dozen places for each letter', '/(.*a){12}c/'],
  ['nothing, over and over', '/(x+x+)+y|(a*)*c/i'],
  ['the most words', many(250, (n) => `a${n}`).join(' OR ')],
];

/** Every way to ask one. */
const ROUTES = ['', '/search', '/download', '/stream'];

describe('queries that somebody asks to do harm', () => {
  let api: RunningApi;
  const asked = (route: string, query: string) =>
    fetch(`${api.url}/api/streams/runtime:web/logs${route}?${new URLSearchParams({ query }).toString()}`);

  beforeAll(async () => {
    api = await RunningApi.start({ env: { KUBIDU_ROLES: 'gateway,archiver', KUBIDU_HOT_BYTES: '65536' } });
    await new RawHttp(api.url).feed('runtime:web', [...Array<string>(TRAPS).fill(TRAP), 'a needle']);
    // Archived and not, entries are looked at in two ways.
    await eventually(
      async () => (await readdir(api.dataDir, { recursive: true })).some((name) => name.endsWith('.gz')),
      {
        timeoutMs: 30_000,
      },
    );
  }, 60_000);
  afterAll(() => api[Symbol.asyncDispose]());

  /** The server finds what it should, as if nothing had happened. */
  const works = async () => {
    const lines = (await (await asked('/search', 'needle')).text()).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(['match', 'progress', 'done']);
  };

  it.each(REFUSED)('are refused with the place of the mistake: %s', async (_, query) => {
    for (const route of ROUTES) {
      const response = await asked(route, query);
      const text = await response.text();
      expect([route, response.status]).toEqual([route, 400]);
      expect(text.length).toBeLessThan(1_000);
      expect(JSON.parse(text)).toMatchObject({
        error: { code: 'INVALID_ARGUMENT', details: [{ field: 'query', column: expect.any(Number) }] },
      });
    }
    await works();
  });

  it.each([
    ['5,000 characters', 'a'.repeat(5_000), 400, 'INVALID_ARGUMENT'],
    ['10,000 ORs', many(10_000, (n) => `a${n}`).join(' OR '), 413, 'PAYLOAD_TOO_LARGE'],
    ['a megabyte', 'a'.repeat(1024 * 1024), 413, 'PAYLOAD_TOO_LARGE'],
  ])('are refused when they are too long: %s', async (_, query, status, code) => {
    for (const route of ROUTES) {
      const response = await asked(route, query);
      expect([route, response.status]).toEqual([route, status]);
      expect(await response.json()).toMatchObject({ error: { code } });
    }
    await works();
  });

  it('are answered up to the longest that one may ask, whatever its letters', async () => {
    for (const letter of ['a', 'ü', '漢']) {
      const response = await asked('/search', letter.repeat(4_096));
      expect([letter, response.status]).toEqual([letter, 200]);
      expect((await response.text()).trimEnd().split('\n').at(-1)).toBe('{"type":"done","reason":"beginning"}');
    }
  });

  it.each(COSTLY)(
    'cost no more than the lines are long, or are given up: %s',
    async (_, query) => {
      for (const route of ['', '/search', '/download']) {
        const response = await asked(route, query);
        // A pattern that costs too much is told as a mistake, where something was answered before, in its last line.
        const text = await response.text().catch(() => 'cut');
        expect([200, 400]).toContain(response.status);
        if (response.status === 400) expect(text).toContain('"code":"INVALID_ARGUMENT"');
        else if (route === '/search')
          expect(text).toMatch(/\{"type":"done","reason":(?:"beginning"|"error","error":\{"code":"INVALID_ARGUMENT")/);
      }
      await works();
    },
    60_000,
  );
});
