import { describe, expect, it } from '@jest/globals';

import { maskEntries } from './mask-entries.ts';
import { Masker } from './masker.ts';

const SECRET = 'correct-horse-battery';
const masker = new Masker({ secrets: [SECRET] });

describe('entries that come together', () => {
  it('are masked in message, state, location and, however deep, context', () => {
    const entry = {
      id: '1',
      message: `with ${SECRET}`,
      state: SECRET,
      location: `a.ts?${SECRET}`,
      context: { headers: [{ authorization: `Bearer ${SECRET}` }, 1, null, true], count: 2, [SECRET]: 'a key stays' },
    };
    expect(maskEntries(masker, [entry])).toEqual([
      {
        id: '1',
        message: 'with ***',
        state: '***',
        location: 'a.ts?***',
        context: { headers: [{ authorization: 'Bearer ***' }, 1, null, true], count: 2, [SECRET]: 'a key stays' },
      },
    ]);
  });

  it('are the same ones where there is nothing to mask', () => {
    const entries = [{ message: 'a' }, { message: 'b', context: { c: ['d', { e: 'f' }] } }];
    expect(maskEntries(masker, entries).every((entry, at) => entry === entries[at])).toBe(true);
  });

  it('are masked where a secret is spread over several', () => {
    const messages = ['it is correct', '-horse', '-battery, all of it', 'and corre'].map((message) => ({ message }));
    expect(maskEntries(masker, messages).map(({ message }) => message)).toEqual([
      'it is ***',
      '***',
      '***, all of it',
      'and ***',
    ]);
  });

  it('count their masks', () => {
    let count = 0;
    const counting = new Masker({ secrets: [SECRET], onMasked: (masked) => (count += masked) });
    maskEntries(counting, [{ message: `${SECRET} ${SECRET}`, state: SECRET }, { message: 'none' }]);
    expect(count).toBe(3);
  });
});

describe('a masker with more secrets', () => {
  it('masks those too, and counts where the first one does', () => {
    let count = 0;
    const first = new Masker({ patterns: ['cust-\\d+'], onMasked: (masked) => (count += masked) });
    expect(first.with([SECRET]).text(`cust-12 has ${SECRET}`)).toBe('*** has ***');
    expect(first.text(SECRET)).toBe(SECRET);
    expect(count).toBe(2);
  });
});
