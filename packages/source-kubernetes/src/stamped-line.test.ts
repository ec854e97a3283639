import { describe, expect, it } from '@jest/globals';

import { parseStamped } from './stamped-line.ts';

const STAMP = '2026-11-20T23:16:57.856942694Z';
/** What {@link STAMP} is read as. */
const TIME = { timestamp: STAMP, second: '2026-11-20T23:16:57', nanos: 856_942_694 };

describe('a line with its stamp', () => {
  it.each([
    { text: `${STAMP} hello`, expected: { ...TIME, message: 'hello' } },
    { text: `${STAMP} `, expected: { ...TIME, message: '' } },
    {
      text: '2026-11-21T00:16:57.856942694+01:00 from elsewhere',
      expected: { ...TIME, message: 'from elsewhere' },
    },
    { text: 'failed to create fsnotify watcher: too many open files', expected: undefined },
    // The end of a long line comes without a stamp, and a container may write there whatever it likes.
    { text: '2","message":"forged.856942694Z hello', expected: undefined },
    { text: `2026-11-20T23:16:57.85694269"Z hello`, expected: undefined },
    { text: '2026-11-20T23:16:57.856942694Zhello', expected: undefined },
    { text: '2026-11-20T23:16:57.', expected: undefined },
    { text: '2026-99-20T23:16:57.856942694+01:00 of no month', expected: undefined },
    { text: '', expected: undefined },
  ])('$text is parted into $expected, also behind another of that second', ({ text, expected }) => {
    expect(parseStamped(text, 0)).toEqual(expected);
    parseStamped(`${STAMP} one before`, 0);
    expect(parseStamped(text, 0)).toEqual(expected);
  });

  it('tells what was cut off', () => {
    expect(parseStamped(`${STAMP} cut`, 7)).toEqual({ ...TIME, message: 'cut', truncated: 7 });
  });
});
