import { describe, expect, it } from '@jest/globals';
import { LIMITS } from '@kubidu/contracts';

import { Masker } from './masker.ts';

describe('patterns of users', () => {
  it.each([
    { patterns: ['cust-\\d{4}'], text: 'of cust-1234 and cust-5678.', masked: 'of *** and ***.' },
    { patterns: ['(?i)session=[0-9a-f]+'], text: 'SESSION=0aF; x', masked: '***; x' },
    { patterns: ['abc', 'bcd'], text: 'abcd', masked: '***' },
    { patterns: ['x'], text: 'nothing', masked: 'nothing' },
    { patterns: ['a|b', '(c)'], text: '1a2b3c', masked: '1***2***3***' },
    { patterns: ['\\x{1F600}'], text: 'é€😀!', masked: 'é€***!' },
    { patterns: ['^a', 'z$'], text: 'a az z', masked: '*** az ***' },
    { patterns: ['\\bb*'], text: '-- b', masked: '-- ***' },
  ])('$patterns make "$text" "$masked"', ({ patterns, text, masked }) => {
    expect(new Masker({ patterns }).text(text)).toBe(masked);
  });

  it.each([
    { pattern: '(foo', says: 'pattern 2: missing closing )' },
    { pattern: 'x[z-a]', says: 'pattern 2: invalid character class range at column 3' },
    { pattern: '(?<=a)b', says: 'pattern 2: invalid named capture' },
    { pattern: 'ab\\1', says: 'pattern 2: invalid escape sequence at column 3' },
    { pattern: 'a*', says: 'pattern 2: matches the empty text' },
  ])('are refused, their text left out: $pattern', ({ pattern, says }) => {
    expect(() => new Masker({ patterns: ['fine', pattern] })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: says }),
    );
  });

  it('take time that grows with the line', () => {
    const masker = new Masker({ patterns: ['(a+)+$', '(a|a)*b'] });
    expect(masker.text('a'.repeat(LIMITS.messageBytes / 8) + '!')).toMatch(/!$/);
  });
});
