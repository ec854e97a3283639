import { describe, expect, it } from '@jest/globals';
import { LIMITS } from '@kubidu/contracts';

import { characterBoundary, cutMessage } from './cut-message.ts';

const MOST = LIMITS.messageBytes;

describe('a message', () => {
  it.each([
    { what: 'an empty one', message: '', kept: 0, truncated: 0 },
    { what: 'one of exactly 256 KiB', message: 'x'.repeat(MOST), kept: MOST, truncated: 0 },
    { what: 'one byte more', message: 'x'.repeat(MOST + 1), kept: MOST, truncated: 1 },
    { what: '10 MB', message: 'x'.repeat(10_000_000), kept: MOST, truncated: 10_000_000 - MOST },
    { what: 'an é on the edge', message: `${'x'.repeat(MOST - 1)}é`, kept: MOST - 1, truncated: 2 },
    { what: 'an é that just fits', message: `${'x'.repeat(MOST - 2)}é`, kept: MOST, truncated: 0 },
    { what: 'a € one byte over', message: `${'x'.repeat(MOST - 2)}€`, kept: MOST - 2, truncated: 3 },
    { what: 'a 😀 one byte over', message: `${'x'.repeat(MOST - 3)}😀`, kept: MOST - 3, truncated: 4 },
    { what: 'a 😀 that just fits', message: `${'x'.repeat(MOST - 4)}😀`, kept: MOST, truncated: 0 },
    { what: 'only €', message: '€'.repeat(MOST), kept: MOST - 1, truncated: 2 * MOST + 1 },
    { what: 'a byte order mark in front', message: `\ufeff${'x'.repeat(MOST)}`, kept: MOST, truncated: 3 },
  ])('is kept up to 256 KiB of whole characters: $what', ({ message, kept, truncated }) => {
    const cut = cutMessage(message);
    expect([Buffer.byteLength(cut.message), cut.truncated]).toEqual([kept, truncated]);
    expect(message.startsWith(cut.message)).toBe(true);
  });

  it('has its boundary before a split character, and at its end', () => {
    const bytes = Buffer.from('a€😀');
    expect([0, 1, 2, 3, 4, 5, 6, 7, 8].map((at) => characterBoundary(bytes, at))).toEqual([0, 1, 1, 1, 4, 4, 4, 4, 8]);
  });
});
