import { describe, expect, it } from '@jest/globals';

import { TRUE_COLOUR } from './ansi-style.ts';
import { segments } from './segments.ts';
import { shownLine, SHOWN_LENGTH } from './shown-line.ts';
import { styledText } from './styled-text.ts';

/** Each stretch with its style. */
function runs(message: string): [string, object | undefined][] {
  const { text, runs: found } = styledText(message);
  let from = 0;
  const stretches = found.map(({ to, style }): [string, object | undefined] => {
    const stretch = text.slice(from, to);
    from = to;
    return [stretch, style];
  });
  return from < text.length ? [...stretches, [text.slice(from), undefined]] : stretches;
}

describe('a message with colours', () => {
  it.each([
    ['none', 'x', []],
    ['one of 8', '\x1b[31mx', [{ fg: 1 }]],
    ['one of 8 brighter', '\x1b[91mx', [{ fg: 9 }]],
    ['a ground', '\x1b[44mx', [{ bg: 4 }]],
    ['a brighter ground', '\x1b[104mx', [{ bg: 12 }]],
    ['one of 256', '\x1b[38;5;196mx', [{ fg: 196 }]],
    ['one of 256 in colons', '\x1b[38:5:196mx', [{ fg: 196 }]],
    ['a true colour', '\x1b[38;2;1;2;3mx', [{ fg: TRUE_COLOUR + 0x010203 }]],
    ['a true colour in colons', '\x1b[48:2:1:2:3mx', [{ bg: TRUE_COLOUR + 0x010203 }]],
    ['a true colour with its space', '\x1b[48:2::1:2:3mx', [{ bg: TRUE_COLOUR + 0x010203 }]],
    ['several at once', '\x1b[1;38;5;9;4mx', [{ bold: true, fg: 9, underline: true }]],
    ['a curly underline', '\x1b[4:3mx', [{ underline: true }]],
    ['a reset in the middle', '\x1b[1;0;31mx', [{ fg: 1 }]],
    ['an empty reset', '\x1b[31m\x1b[mx', []],
    ['what takes back one thing', '\x1b[1;3;31m\x1b[22;39mx', [{ italic: true }]],
    ['a colour that is none', '\x1b[38;5;999mx', []],
    ['a colour that is cut', '\x1b[38;2;1mx', []],
    ['what nobody knows', '\x1b[31;999;58;5;1mx', [{ fg: 1 }]],
    ['what is concealed, which stays visible', '\x1b[8mx', []],
  ])('%s', (_name, message, styles) => {
    expect(runs(message)).toEqual(styles.length === 0 ? [['x', undefined]] : [['x', styles[0]]]);
  });

  it('keeps a style until it changes, and no longer than the message', () => {
    expect(runs('a\x1b[31mb\x1b[1mc\x1b[0md')).toEqual([
      ['a', undefined],
      ['b', { fg: 1 }],
      ['c', { fg: 1, bold: true }],
      ['d', undefined],
    ]);
    expect(runs('a\x1b[31mb').at(-1)).toEqual(['b', { fg: 1 }]);
    expect(runs('next')).toEqual([['next', undefined]]);
  });

  it('has at most 1,000 of them', () => {
    const { text, runs: found } = styledText('\x1b[31ma\x1b[32mb'.repeat(20_000));
    expect(text).toHaveLength(40_000);
    expect(found.length).toBeLessThanOrEqual(1_000);
  });

  it('looks at hostile ones in linear time', () => {
    const started = process.hrtime.bigint();
    for (const part of [
      '\x1b[',
      '\x1b[31m',
      '\x1b[1;',
      '\x1b[38;2;1;2;3mx',
      ';',
      '\x1b[31m\r',
      '\x1b]8;;',
      '\u200b',
      '\u202e',
    ])
      segments(styledText(part.repeat((256 * 1024) / part.length)), []);
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(5_000);
  });
});

describe('the segments of a line', () => {
  const seed = Number(process.env.KUBIDU_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32));

  it('are the text, whatever the message and the marks (with a random seed that is printed)', () => {
    const random = mulberry32(seed);
    const parts = [
      '\x1b[31m',
      '\x1b[0m',
      '\x1b[1;48;5;7m',
      'a',
      'bc',
      ' ',
      '\u202e',
      '\u200b',
      '\u200d',
      '進',
      '🚀',
      '\r',
      '\x1b[K',
      '\t',
    ];
    for (let round = 0; round < 5_000; round++) {
      let message = '';
      for (let n = Math.floor(random() * 16); n > 0; n--) message += parts[Math.floor(random() * parts.length)];
      const line = styledText(message);
      const marks: { from: number; to: number }[] = [];
      for (let at = Math.floor(random() * 3); at < line.text.length;) {
        const to = Math.min(line.text.length, at + 1 + Math.floor(random() * 3));
        marks.push({ from: at, to });
        at = to + 1 + Math.floor(random() * 4);
      }
      const found = segments(line, marks) ?? [{ from: 0, text: line.text, marked: false, hidden: undefined }];
      const marked = marks.map(({ from, to }) => line.text.slice(from, to)).join('');
      const right =
        found.map(({ text }) => text).join('') === line.text &&
        found.every(({ text }) => text !== '' || line.text === '') &&
        found
          .filter((one) => one.marked)
          .map(({ text }) => text)
          .join('') === marked &&
        !found.some(({ text, hidden }) => !hidden && /[\u202e]/.test(text));
      if (!right) throw new Error(`KUBIDU_TEST_SEED=${seed}: ${JSON.stringify({ message, marks, found })}`);
    }
  });

  it.each([
    ['a joiner in an emoji', '👩\u200d👧', 0],
    ['a joiner in Persian', 'می\u200cخواهم', 0],
    ['a joiner between letters of ASCII', 'a\u200db', 1],
    ['a space without width', 'a\u200bb', 1],
    ['tags', 'a\u{e0041}b', 1],
    ['an override and its end', '\u202ea\u202c', 2],
  ])('show %s where it hides', (_name, message, hidden) => {
    expect((segments(styledText(message), []) ?? []).filter((one) => one.hidden)).toHaveLength(hidden);
  });
});

describe('a long line', () => {
  const entry = (message: string) => ({ index: 1, timestamp: '2026-11-20T23:16:57Z', message });

  it('is not cut within a character', () => {
    const { text } = shownLine(entry(`${'x'.repeat(SHOWN_LENGTH - 1)}🚀${'y'.repeat(10)}`), false);
    expect(text.isWellFormed()).toBe(true);
    expect(text).toHaveLength(SHOWN_LENGTH - 1);
  });

  it('is what is seen in the end, not what was written first', () => {
    const { text, wholeBytes } = shownLine(entry(`${'10%\r'.repeat(20_000)}done`), false);
    expect(text).toBe('done');
    expect(wholeBytes).toBeUndefined();
  });

  it('tells its size in bytes', () => {
    expect(shownLine(entry('進'.repeat(5_000)), false).wholeBytes).toBe(15_000);
    expect(shownLine(entry('進'.repeat(5_000)), true).wholeBytes).toBeUndefined();
  });
});

/** A small seeded generator: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function mulberry32(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
