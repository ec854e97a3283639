import { describe, expect, it } from '@jest/globals';

import { exportsIn } from './docker.mjs';

describe('What a script says that a client needs', () => {
  it.each([
    { text: 'export A=b C=d\n', expected: { A: 'b', C: 'd' } },
    {
      text: 'Loaded image: x\nexport HOST=unix:///a/b=c.sock\nexport CONFIG=\n',
      expected: { HOST: 'unix:///a/b=c.sock', CONFIG: '' },
    },
    { text: 'ready\n', expected: {} },
  ])('is, of $text, $expected', ({ text, expected }) => {
    expect(exportsIn(text)).toEqual(expected);
  });
});
