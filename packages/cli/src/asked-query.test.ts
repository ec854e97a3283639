import { describe, expect, it } from '@jest/globals';

import { askedQuery } from './asked-query.ts';
import { CliError } from './exit.ts';

const text = async (flags: { grep?: string; level?: string }) => (await askedQuery(flags))?.text;

describe('the query of the flags', () => {
  it.each([
    [{}, undefined],
    [{ grep: ' ' }, undefined],
    [{ grep: 'a OR b' }, '(a OR b)'],
    [{ level: 'warn' }, 'level:>=warn'],
    [{ grep: 'a OR b', level: 'warn' }, '(a OR b) level:>=warn'],
  ])('of %j is %j', async (flags, expected) => {
    expect(await text(flags)).toBe(expected);
  });

  it.each([
    ['a (b', '--grep: the parenthesis is not closed (column 3)\n  a (b\n    ^'],
    [
      'é level:x',
      '--grep: there is no such level; there are trace, debug, info, warn, error, fatal (column 9)\n  é level:x\n          ^',
    ],
    ['a\nb )', '--grep: this parenthesis closes nothing (column 5)\n  a b )\n      ^'],
  ])('%j is a usage error with a mark under the mistake', async (grep, message) => {
    const error: unknown = await askedQuery({ grep }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CliError);
    expect(error).toMatchObject({ message, exitCode: 2 });
  });

  it('shows of a long query what is around the mistake', async () => {
    const error: unknown = await askedQuery({ grep: `${'a '.repeat(100)}(b` }).catch((thrown: unknown) => thrown);
    const [, shown = '', mark = ''] = (error as CliError).message.split('\n');
    expect(shown.charAt(mark.indexOf('^'))).toBe('(');
    expect(shown.length).toBeLessThan(80);
  });
});
