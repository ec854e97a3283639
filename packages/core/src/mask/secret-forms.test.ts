import { execFileSync } from 'node:child_process';

import { describe, expect, it } from '@jest/globals';

import { Masker } from './masker.ts';
import { secretForms } from './secret-forms.ts';

const AWKWARD = `p@ss/w'o"r$d\\x <y>&z?+~!#é€😀`;
const base64 = (text: string, encoding: 'base64' | 'base64url' = 'base64') => Buffer.from(text).toString(encoding);
const bash = (format: string, text: string) =>
  execFileSync('bash', ['-c', `printf '${format}' "$1"`, 'bash', text], {
    encoding: 'utf8',
    // A socket for its input, and bash takes itself for a remote shell and reads ~/.bashrc.
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { LC_ALL: 'C.UTF-8' },
  });

describe('a secret is masked', () => {
  it.each([
    { as: 'it is', text: AWKWARD },
    { as: 'encodeURIComponent writes it', text: encodeURIComponent(AWKWARD) },
    { as: 'a form sends it', text: new URLSearchParams([['', AWKWARD]]).toString().slice(1) },
    {
      as: 'Python quotes it for a path',
      text: 'p%40ss/w%27o%22r%24d%5Cx%20%3Cy%3E%26z%3F%2B~%21%23%C3%A9%E2%82%AC%F0%9F%98%80',
    },
    { as: 'a URL, in lower case', text: encodeURIComponent(AWKWARD).replace(/%../g, (digits) => digits.toLowerCase()) },
    { as: 'hex', text: Buffer.from(AWKWARD).toString('hex') },
    { as: 'hex in capitals', text: Buffer.from(AWKWARD).toString('hex').toUpperCase() },
    { as: 'JSON', text: JSON.stringify(AWKWARD).slice(1, -1) },
    { as: 'JSON in JSON', text: JSON.stringify(JSON.stringify(AWKWARD)).slice(3, -3) },
    { as: 'Go writes JSON', text: `p@ss/w'o\\"r$d\\\\x \\u003cy\\u003e\\u0026z?+~!#é€😀` },
    { as: 'Python writes JSON', text: `p@ss/w'o\\"r$d\\\\x <y>&z?+~!#\\u00e9\\u20ac\\ud83d\\ude00` },
    { as: 'PHP writes JSON', text: `p@ss\\/w'o\\"r$d\\\\x <y>&z?+~!#\\u00e9\\u20ac\\ud83d\\ude00` },
    { as: 'in single quotes', text: AWKWARD.replaceAll("'", `'\\''`) },
    { as: 'Python quotes it for a shell', text: AWKWARD.replaceAll("'", `'"'"'`) },
    { as: 'in double quotes', text: AWKWARD.replace(/["\\$`]/g, '\\$&') },
    {
      as: 'bash quotes it with printf %q',
      text: bash('%q', AWKWARD.replace(/[^ -~]/g, '')),
      secret: AWKWARD.replace(/[^ -~]/g, ''),
    },
    { as: 'base64 after a line feed of echo', text: base64(`${AWKWARD}\n`).replace(/=+$/, '') },
  ])('as $as', ({ text, secret = AWKWARD }) => {
    expect(new Masker({ secrets: [secret] }).text(`before ${text} after`)).toBe('before *** after');
  });

  it.each(
    (['base64', 'base64url'] as const).flatMap((alphabet) =>
      [0, 1, 2, 3, 4].flatMap((before) => [0, 1, 2, 3].map((after) => ({ alphabet, before, after }))),
    ),
  )('in $alphabet of a text with $before bytes before it and $after behind', ({ alphabet, before, after }) => {
    // Both alphabets differ in it: > and ? are of + and /.
    const secret = 'hunter2>>>???~~~';
    const encoded = base64(`${'x'.repeat(before)}${secret}${'y'.repeat(after)}`, alphabet);
    const masked = new Masker({ secrets: [secret] }).text(encoded);
    expect(masked).toMatch(/^[^*]*\*\*\*[^*]*$/);
    // What is left has bits of the characters around it.
    const decided = Math.floor(((before + secret.length) * 8) / 6) - Math.ceil((before * 8) / 6);
    expect(masked.length - 3).toBeLessThanOrEqual(encoded.length - decided);
  });

  it('line by line, where it has several', () => {
    const masker = new Masker({ secrets: ['first line\r\n  second line\n\nend\n'] });
    const masked = ['first line', '  second line', 'second line', base64('first line'), 'end'].map((line) =>
      masker.text(line),
    );
    expect(masked).toEqual(['***', '***', '***', '***==', 'end']);
  });

  it('where it was wrapped into columns', () => {
    const secret = 'a long secret that base64 wraps, since it has more than 57 characters, or so';
    const wrapped = base64(secret).replace(/.{20}/g, '$&\r\n');
    expect(new Masker({ secrets: [secret] }).text(`key: ${wrapped}`)).toMatch(/^key: \*\*\*=*$/);
  });
});

describe('forms', () => {
  it.each([
    { of: 'an empty value', values: [''] },
    { of: 'less than four characters', values: ['abc', ' \n', '   ab   '] },
    { of: 'short lines', values: ['a\nb\nc'] },
  ])('of $of are few or none', ({ values }) => {
    const masker = new Masker({ secrets: values });
    expect(['abc', 'ab', 'a', 'b', 'c'].map((text) => masker.text(text))).toEqual(['abc', 'ab', 'a', 'b', 'c']);
  });

  it('never have less than four characters', () => {
    expect([...secretForms(['abcd', 'é€😀x', '12\n3456\n7'])].filter((form) => form.length < 4)).toEqual([]);
  });

  it('of more secrets than can be looked for are refused', () => {
    const long = 'x'.repeat(300 * 1024);
    expect(() => new Masker({ secrets: [long] })).toThrow(expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }));
  });

  it('of thousands of different characters are looked for', () => {
    const secrets = Array.from({ length: 500 }, (_, n) =>
      String.fromCharCode(...Array.from({ length: 8 }, (_, at) => 0x4e00 + 8 * n + at)),
    );
    const masker = new Masker({ secrets });
    expect(secrets.map((secret) => masker.text(`<${secret}>`)).filter((text) => text !== '<***>')).toEqual([]);
  });

  it('of 64 KiB are looked for', () => {
    const lines = Array.from({ length: 1_000 }, (_, n) => `line ${n} ${'k'.repeat(54)}`);
    const masker = new Masker({ secrets: [lines.join('\n')] });
    expect(masker.text(`see ${lines[777]}!`)).toBe('see ***!');
  });
});
