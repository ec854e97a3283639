import { describe, expect, it } from '@jest/globals';
import { LIMITS } from '@kubidu/contracts';
import { seededRandom } from '@kubidu/testing';

import { LineFramer } from './line-framer.ts';

type Line = [text: string, truncated: number];

/** What a framer makes of these pieces, the end of the source included. */
function framed(pieces: readonly (string | Uint8Array)[], maxBytes?: number): Line[] {
  const framer = new LineFramer(maxBytes);
  const lines: Line[] = [];
  const take = (text: string, truncated: number) => void lines.push([text, truncated]);
  for (const piece of pieces) framer.push(Buffer.from(piece as Uint8Array), take);
  framer.end(take);
  return lines;
}

const whole = (...texts: string[]): Line[] => texts.map((text) => [text, 0]);

describe('bytes', () => {
  it.each([
    { what: 'nothing', pieces: [], lines: [] },
    { what: 'empty pieces', pieces: ['', '', ''], lines: [] },
    { what: 'a line', pieces: ['hello\n'], lines: whole('hello') },
    { what: 'a last line without a line feed', pieces: ['a\nb'], lines: whole('a', 'b') },
    { what: 'a line in pieces', pieces: ['he', '', 'll', 'o', '\n'], lines: whole('hello') },
    { what: 'a line feed of its own', pieces: ['a', '\n', 'b', '\n'], lines: whole('a', 'b') },
    { what: 'an empty line', pieces: ['\n'], lines: whole('') },
    { what: 'several empty lines', pieces: ['\n\na\n\n', '\n'], lines: whole('', '', 'a', '', '') },
    { what: 'a piece that begins with a line feed', pieces: ['a', '\nb\n'], lines: whole('a', 'b') },
    { what: 'CRLF', pieces: ['a\r\nb\r\n'], lines: whole('a', 'b') },
    { what: 'CRLF cut in two', pieces: ['a\r', '\nb\r', '\n'], lines: whole('a', 'b') },
    { what: 'an empty line with CRLF', pieces: ['\r\n\r', '\n'], lines: whole('', '') },
    { what: 'two carriage returns: one of them', pieces: ['a\r\r\n'], lines: whole('a\r') },
    { what: 'a carriage return inside', pieces: ['10%\r20%\r100%\n'], lines: whole('10%\r20%\r100%') },
    { what: 'a carriage return at the very end', pieces: ['10%\r20%\r'], lines: whole('10%\r20%') },
    { what: 'NUL and escapes', pieces: ['a\0b\x1b[31mc\n'], lines: whole('a\0b\x1b[31mc') },
    {
      what: 'a vertical tab, a form feed, U+0085 and U+2028',
      pieces: ['a\vb\fc\u0085d\u2028e\n'],
      lines: whole('a\vb\fc\u0085d\u2028e'),
    },
    { what: 'a byte order mark, kept', pieces: ['\ufeffa\n\ufeffb'], lines: whole('\ufeffa', '\ufeffb') },
    {
      what: 'a character in two pieces',
      pieces: [
        [0xe2, 0x82],
        [0xac, 10],
      ],
      lines: whole('€'),
    },
    { what: 'a character in four pieces', pieces: [[0xf0], [0x9f], [0x98], [0x80], [10]], lines: whole('😀') },
    { what: 'a byte that is no UTF-8', pieces: [[97, 0xff, 98, 10]], lines: whole('a\ufffdb') },
    { what: 'half a character before a line feed', pieces: [[0xe2, 0x82, 10, 98, 10]], lines: whole('\ufffd', 'b') },
    { what: 'half a character at the end', pieces: [[97, 0xf0, 0x9f]], lines: whole('a\ufffd') },
    { what: 'an encoded surrogate', pieces: [[0xed, 0xa0, 0x80, 10]], lines: whole('\ufffd\ufffd\ufffd') },
    { what: 'an overlong slash', pieces: [[0xc0, 0xaf, 10]], lines: whole('\ufffd\ufffd') },
  ])('become lines: $what', ({ pieces, lines }) => {
    expect(framed(pieces.map((piece) => (typeof piece === 'string' ? piece : Uint8Array.from(piece))))).toEqual(lines);
  });

  it.each([
    { what: 'exactly as long as may be', text: 'x'.repeat(10), line: ['x'.repeat(10), 0] },
    { what: 'one byte longer', text: 'x'.repeat(11), line: ['x'.repeat(10), 1] },
    { what: 'much longer', text: 'x'.repeat(100), line: ['x'.repeat(10), 90] },
    { what: 'exactly as long, with CRLF', text: `${'x'.repeat(10)}\r`, line: ['x'.repeat(10), 0] },
    { what: 'longer, with CRLF, which does not count', text: `${'x'.repeat(15)}\r`, line: ['x'.repeat(10), 5] },
    { what: 'two bytes of a euro over', text: `${'x'.repeat(9)}€`, line: ['x'.repeat(9), 3] },
    { what: 'three emojis', text: '😀😀😀', line: ['😀😀', 4] },
    { what: 'a carriage return on the edge', text: `${'x'.repeat(10)}\ry`, line: ['x'.repeat(10), 2] },
  ])('of a line $what are cut the same way in whatever pieces', ({ text, line }) => {
    const bytes = Buffer.from(`${text}\n`);
    for (let size = 1; size <= bytes.length; size++) {
      const pieces: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
      expect(framed(pieces, 10)).toEqual([line]);
    }
  });

  it.each([16_384, LIMITS.messageBytes, LIMITS.messageBytes + 1, 1_048_576, 10_485_760])(
    'of a line of %i are kept up to 256 KiB, and the line behind it is whole',
    (length) => {
      const bytes = Buffer.from(`${'x'.repeat(length)}\nnext\n`);
      const pieces: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += 65_536) pieces.push(bytes.subarray(at, at + 65_536));
      for (const given of [pieces, [bytes]]) {
        const [first, next, ...more] = framed(given);
        const kept = Math.min(length, LIMITS.messageBytes);
        expect([first?.[0].length, first?.[1], next, more]).toEqual([kept, length - kept, ['next', 0], []]);
      }
    },
  );

  it('that are no UTF-8 do not make a line longer than it may be', () => {
    const bytes = Buffer.alloc(LIMITS.messageBytes, 0xff);
    for (const given of [[bytes], [bytes, Buffer.from('\n')], [bytes, bytes]]) {
      const [line] = framed(given);
      expect(Buffer.byteLength(line![0])).toBeLessThanOrEqual(LIMITS.messageBytes);
      expect(line![1]).toBeGreaterThan(0);
    }
  });

  it.each([1, 7, 4_096, 65_536])('of an endless line, %i at a time, are not held', (size) => {
    const framer = new LineFramer();
    const total = size < 100 ? 300_000 * size : 100_000_000;
    const piece = Buffer.alloc(size, 120);
    const take = (text: string, truncated: number) => lines.push([text.length, truncated]);
    const lines: number[][] = [];
    const before = process.memoryUsage();
    for (let given = 0; given < total; given += size) framer.push(piece, take);
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(8 * 1024 * 1024);
    expect(framer.unfinishedBytes).toBeGreaterThanOrEqual(total);
    const given = framer.unfinishedBytes;
    framer.push(Buffer.from('\nok\n'), take);
    expect(lines).toEqual([
      [LIMITS.messageBytes, given - LIMITS.messageBytes],
      [2, 0],
    ]);
  });

  it('are copied: the reader may use its buffer again', () => {
    const framer = new LineFramer();
    const lines: string[] = [];
    const take = (text: string) => void lines.push(text);
    const buffer = Buffer.from('a\nhel');
    framer.push(buffer, take);
    buffer.fill(0);
    framer.push(Buffer.from('lo\n'), take);
    expect(lines).toEqual(['a', 'hello']);
  });

  it.each(Array.from({ length: 40 }, (_, seed) => seed))(
    'at random, cut at random, become the same lines (seed %i)',
    (seed) => {
      const random = seededRandom(seed);
      const maxBytes = 1 + Math.floor(random() * 40);
      const bytes = randomBytes(random, 3_000);
      expect(framed(randomCuts(bytes, random), maxBytes)).toEqual(naive(bytes, maxBytes));
    },
  );
});

/** Pieces of bytes that hurt: ends of lines, halves of characters, and what is none. */
function randomBytes(random: () => number, length: number): Buffer {
  const parts = [
    '\n',
    '\r',
    '\r\n',
    '\0',
    'é',
    '€',
    '😀',
    'a',
    'bc',
    '\ufeff',
    [0xff],
    [0xe2, 0x82],
    [0xf0, 0x9f],
    [0x80],
  ];
  const long = random() * 20;
  const out: Buffer[] = [];
  for (let total = 0; total < length;) {
    const part = random() < 0.1 ? 'x'.repeat(random() * long) : parts[Math.floor(random() * parts.length)]!;
    const bytes = typeof part === 'string' ? Buffer.from(part) : Buffer.from(part);
    out.push(bytes);
    total += bytes.length + 1;
  }
  return Buffer.concat(out);
}

function randomCuts(bytes: Buffer, random: () => number): Buffer[] {
  const most = 1 + random() * 200;
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = Math.floor(random() * most);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

/** The whole input at once, line by line. */
function naive(bytes: Buffer, maxBytes: number): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < bytes.length;) {
    let end = bytes.indexOf(10, start);
    if (end < 0) end = bytes.length;
    const raw = bytes.subarray(start, bytes[end - 1] === 13 && end > start ? end - 1 : end);
    const [kept, cut] = cutBytes(raw, maxBytes);
    const [text, again] = cutBytes(Buffer.from(kept.toString()), maxBytes);
    lines.push([text.toString(), cut + again]);
    start = end + 1;
  }
  return lines;
}

function cutBytes(bytes: Buffer, most: number): [Buffer, number] {
  if (bytes.length <= most) return [bytes, 0];
  let end = most;
  while (end > 0 && most - end < 4 && (bytes[end]! & 0xc0) === 0x80) end--;
  return [bytes.subarray(0, end), bytes.length - end];
}
