import { describe, expect, it } from '@jest/globals';

import { highlights } from './highlights.ts';
import { compile } from './index.ts';

/** The text with each range in brackets. */
function marked(query: string, text: string): string {
  let shown = '';
  let at = 0;
  for (const { from, to } of highlights(compile(query), text)) {
    shown += `${text.slice(at, from)}[${text.slice(from, to)}]`;
    at = to;
  }
  return shown + text.slice(at);
}

describe('what a query marks in a text', () => {
  it.each([
    ['nothing when nothing is asked for', '', 'ready on :3000', 'ready on :3000'],
    ['a word, wherever it stands and whatever its case', 'time', 'Time for a TIMEOUT', '[Time] for a [TIME]OUT'],
    ['each of several words', 'a b', 'b c a', '[b] c [a]'],
    ['either of two', 'yes OR no', 'no and yes', '[no] and [yes]'],
    ['a phrase as it stands', '"not found"', 'found: not found', 'found: [not found]'],
    ['not what is negated', 'a -b', 'a b', '[a] b'],
    ['not what stands in a negated group', '-(a OR /b/)', 'a b', 'a b'],
    ['the pieces around a star', 'on*3000', 'listening on port 3000 only', 'listening [on] port [3000] only'],
    ['the pieces around a star once, where they are not all there again', 'a*b', 'a b a', '[a] [b] a'],
    ['no field', 'level:error userId:42 x', 'error 42 x', 'error 42 [x]'],
    ['characters that mean something in a pattern', '"a.b(c)"', 'aXb(c) a.b(c)', 'aXb(c) [a.b(c)]'],
    ['what two terms share as one', 'abc bcd', 'xabcdx', 'x[abcd]x'],
    ['what meets as one', 'a', 'baaab', 'b[aaa]b'],
    ['a pattern with all its matches', '/\\d+s/', 'after 30s, 5s', 'after [30s], [5s]'],
    ['a pattern with its case', '/err/', 'Err err', 'Err [err]'],
    ['a pattern without it', '/err/i', 'Err err', '[Err] [err]'],
    ['nothing where a pattern matches nothing long', '/x*/', 'ab', 'ab'],
    ['a pattern that can be empty, where it is not', '/x*/', 'axxb', 'a[xx]b'],
    ['a pattern at the beginning of the line only', '/^a/', 'aa', '[a]a'],
    ['behind characters of two units', '/b/ OR c', '🚀b進c', '🚀[b]進[c]'],
    ['letters that fold', 'straße', 'STRAẞE', '[STRAẞE]'],
  ])('%s', (_name, query, text, expected) => {
    expect(marked(query, text)).toBe(expected);
  });

  it('is ascending, apart and at most 1,000', () => {
    const ranges = highlights(compile('a OR /b/ OR ab'), 'ab x '.repeat(5_000));
    expect(ranges).toHaveLength(1_000);
    expect(ranges.every(({ from, to }, i) => from < to && from > (ranges[i - 1]?.to ?? -1))).toBe(true);
  });

  it.each([
    ['a*b', 'a'.repeat(256 * 1024)],
    ['/a.*b|a/', 'a'.repeat(256 * 1024)],
    ['/(a|aa)+$/', 'a'.repeat(256 * 1024) + 'b'],
    ['/a/', 'ab'.repeat(128 * 1024)],
  ])('of %s takes linear time in 256 KiB', (query, text) => {
    const compiled = compile(query);
    const started = process.hrtime.bigint();
    highlights(compiled, text);
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(4_000);
  });
});
