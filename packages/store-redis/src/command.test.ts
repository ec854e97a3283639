import { readdirSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

import { COMMANDS, keysTakenBy, luaOf } from './command.ts';

/** The numbers that `pattern` finds in a text, each once, ascending. */
const numbersIn = (text: string, pattern: RegExp) =>
  [...new Set([...text.matchAll(pattern)].map(([, number]) => Number(number)))].sort((a, b) => a - b);
const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);

it('has every Lua file as a command', () => {
  const files = readdirSync(new URL('./commands/', import.meta.url)).map((name) => name.replace(/\.lua$/, ''));
  expect(files.sort()).toEqual([...COMMANDS].sort());
});

describe.each(COMMANDS)('The header of %s.lua', (name) => {
  const [header = '', body = ''] = luaOf(name).split(']]\n');

  it('names as many keys as the file does, all of them used', () => {
    expect(numbersIn(header, /KEYS\[(\d+)\]/g)).toEqual(upTo(keysTakenBy(name)));
    expect(numbersIn(body, /KEYS\[(\d+)\]/g)).toEqual(upTo(keysTakenBy(name)));
  });

  it('names every argument, and none that is not used', () => {
    const named = numbersIn(header, /ARGV\[(\d+)(?:\.\.\.)?\]/g);
    expect(named).toEqual(upTo(named.length));
    // A list of arguments at the end is read from the one before it on.
    const listed = /ARGV\[(\d+)\.\.\.\]/.exec(header)?.[1];
    const used = numbersIn(body, /ARGV\[(\d+)\]/g);
    expect(listed ? [...used, Number(listed)] : used).toEqual(named);
  });

  it('says what is returned, and all codes of refusal', () => {
    expect(header).toMatch(/\n {2}Returns \S/);
    const refusals = numbersIn(body, /return (-\d+)/g);
    expect(numbersIn(header, /(-\d+) [A-Z]+/g)).toEqual(refusals);
  });
});
