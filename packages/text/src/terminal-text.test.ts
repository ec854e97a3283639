import { describe, expect, it } from '@jest/globals';

import { terminalText } from './terminal-text.ts';

const RED = '\x1b[31m';
const RESET = '\x1b[0m';
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/;

describe('a message on a terminal', () => {
  it.each([
    ['plain text', 'ready on :3000', 'ready on :3000'],
    ['a tab', 'a\tb', 'a\tb'],
    ['letters beyond ASCII', 'grüße 進捗 🚀', 'grüße 進捗 🚀'],
    ['a colour that is closed', `${RED}bad${RESET} ok`, `${RED}bad${RESET} ok`],
    ['a colour left open is closed', `${RED}bad`, `${RED}bad${RESET}`],
    ['256 and true colours', '\x1b[38;5;196mx\x1b[48;2;1;2;3my\x1b[m', '\x1b[38;5;196mx\x1b[48;2;1;2;3my\x1b[m'],
    ['colours with colons', '\x1b[4:3mx\x1b[0m', '\x1b[4:3mx\x1b[0m'],
    ['what only looks like a colour (xterm key settings)', '\x1b[>4;1mx', 'x'],
    ['clear screen and home', 'a\x1b[2J\x1b[Hb', 'ab'],
    ['the alternate screen', '\x1b[?1049hx\x1b[?1049l', 'x'],
    ['a request to report, which a terminal types in', '\x1b[6n\x1b[cx\x1bZ', 'x'],
    ['a title ended by BEL', '\x1b]0;owned\x07x', 'x'],
    ['a title ended by ST', '\x1b]2;owned\x1b\\x', 'x'],
    ['a link keeps its text', '\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\', 'click'],
    ['a clipboard write', '\x1b]52;c;ZXZpbA==\x07x', 'x'],
    ['a device control string', '\x1bPq#0;2;0;0;0\x1b\\x', 'x'],
    ['an application command', '\x1b_Gf=100;AAAA\x1b\\x', 'x'],
    ['a string that never ends hides nothing', '\x1b]0;title and text', '0;title and text'],
    ['C1 forms of CSI, OSC and ST', '\x9b2Jx\x9d0;t\x9cy', 'xy'],
    ['a colour in its C1 form', '\x9b31mx', 'x'],
    ['a lone escape', 'a\x1b', 'a'],
    ['a reset of the terminal', '\x1bcx', 'x'],
    ['a character set', '\x1b(0lqqk\x1b(B', 'lqqk'],
    ['a cut sequence', 'x\x1b[31', 'x'],
    ['an escape within a sequence', '\x1b[3\x1b[2Jx', 'x'],
    ['bell, NUL, delete, vertical tab, form feed, shifts', 'a\x07\0\x7f\v\f\x0e\x0fb', 'ab'],
    ['a next-line control', 'a\x85b', 'ab'],
  ])('%s', (_name, message, shown) => {
    expect(terminalText(message, true)).toBe(shown);
  });

  it.each([
    ['colours', `${RED}bad${RESET} ok`, 'bad ok'],
    ['everything else too', '\x1b]0;t\x07\x1b[1mx\x1b[2J', 'x'],
  ])('without colours loses %s', (_name, message, shown) => {
    expect(terminalText(message, false)).toBe(shown);
  });
});

describe('what is overwritten on a terminal', () => {
  it.each([
    ['a progress bar is its last state', '10%\r20%\rdone', 'done'],
    ['what is shorter leaves the rest of what is longer', 'hello\rab', 'abllo'],
    ['a carriage return at the end changes nothing', 'done\r', 'done'],
    ['several at the end neither', 'done\r\r', 'done'],
    ['CRLF inside is no line end', 'a\rb', 'b'],
    ['erase to the end', 'downloading 10%\r\x1b[Kdone', 'done'],
    ['erase the line', 'downloading\x1b[2K\rdone', 'done'],
    ['erase the line, but not the place in it', 'abc\x1b[2Kx', '   x'],
    ['back to column 1', '10%\x1b[1G20%', '20%'],
    ['a column beyond the end', 'ab\x1b[9999999999Gc', 'abc'],
    ['backspaces of a spinner', '|\b/\b-\bdone', 'done'],
    ['more backspaces than characters', 'a\b\b\b\bbc', 'bc'],
    ['colours belong to what they coloured', `${RED}10%${RESET}\r${RED}2${RESET}`, `${RED}20%${RESET}`],
    ['half of a wide character overwritten is a blank', '進捗\rab\x08', 'ab捗'],
    ['half of it', '進捗\ra', 'a 捗'],
    ['a combining mark stays with its letter', 'e\u0301x\ra', 'ax'],
    ['a title between', 'one\r\x1b]0;t\x07two', 'two'],
  ])('%s', (_name, message, shown) => {
    expect(terminalText(message, true)).toBe(shown);
  });
});

describe('hostile lines', () => {
  const seed = Number(process.env.KUBIDU_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32));

  it(`leave no control but whole colours, at random (KUBIDU_TEST_SEED=${seed})`, () => {
    const random = mulberry32(seed);
    const parts = [
      '\x1b',
      '[',
      ']',
      'P',
      '_',
      '\\',
      '\x9b',
      '\x9d',
      '\x9c',
      '\x90',
      '\x07',
      '\r',
      '\b',
      '\0',
      'm',
      'K',
      'G',
      'J',
    ];
    parts.push(
      '0',
      '31',
      '1;3',
      ';',
      ':',
      '?',
      '>',
      ' ',
      '\t',
      'text',
      '進',
      '\u0301',
      '🚀',
      '\x85',
      '\x7f',
      '\x1b[31m',
      '\x1b[0m',
    );
    for (let round = 0; round < 20_000; round++) {
      let message = '';
      for (let n = 1 + Math.floor(random() * 20); n > 0; n--) message += parts[Math.floor(random() * parts.length)];
      const shown = terminalText(message, true);
      const colours = shown.match(/\x1b\[[0-9;:]*m/g) ?? [];
      const open = ![undefined, '\x1b[0m', '\x1b[m'].includes(colours.at(-1));
      const controls =
        CONTROL.test(shown.replace(/\x1b\[[0-9;:]*m/g, '')) || CONTROL.test(terminalText(message, false));
      if (open || controls) throw new Error(`${JSON.stringify(message)} is shown as ${JSON.stringify(shown)}`);
    }
  });

  it.each([
    '\x9d',
    '\x1b]',
    '\x1b[',
    '\x1b[1',
    '\r',
    '\b',
    '進\r',
    '\x1b[31m\r',
    '\x1b[1;',
    '\x9b1',
    'x\x1b[99999G\x1b[2K\r',
  ])('of 256 KiB of %j take no longer than plain ones by much', (part) => {
    const started = process.hrtime.bigint();
    terminalText(part.repeat(Math.floor((256 * 1024) / part.length)), true);
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(1_500);
  });
});

/** A small seeded generator: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
