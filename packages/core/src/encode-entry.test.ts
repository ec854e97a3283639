import { describe, expect, it } from '@jest/globals';
import { LIMITS, NewEntry } from '@kubidu/contracts';
import { seededRandom } from '@kubidu/testing';

import { encodeEntry } from './encode-entry.ts';
import { recogniseLevel } from './level.ts';
import { LineEncoder } from './line-encoder.ts';

const timestamp = '2026-11-20T23:16:57.856942694Z';
const stored = (entry: NewEntry): unknown => JSON.parse(encodeEntry(entry));

describe('an entry as it is stored', () => {
  it.each([
    { what: 'only what it has', entry: { timestamp, message: 'a' }, expected: { timestamp, message: 'a' } },
    {
      what: 'its time in UTC',
      entry: { timestamp: '2026-11-20T23:16:57.1+02:00', message: 'a' },
      expected: { timestamp: '2026-11-20T21:16:57.1Z', message: 'a' },
    },
    {
      what: 'U+FFFD for lone surrogates',
      entry: { timestamp, message: 'a\ud800b\udc00\u{1f600}' },
      expected: { timestamp, message: 'a\ufffdb\ufffd\u{1f600}' },
    },
    {
      what: 'what was cut off before',
      entry: { timestamp, message: 'a', truncated: 7 },
      expected: { timestamp, message: 'a', truncated: 7 },
    },
    {
      what: 'no truncated of 0',
      entry: { timestamp, message: 'a', truncated: 0 },
      expected: { timestamp, message: 'a' },
    },
    {
      what: 'what was cut off twice',
      entry: { timestamp, message: 'x'.repeat(LIMITS.messageBytes + 3), truncated: 7 },
      expected: { timestamp, message: 'x'.repeat(LIMITS.messageBytes), truncated: 10 },
    },
    {
      what: 'a byte order mark in front of what is cut',
      entry: { timestamp, message: `\ufeff${'x'.repeat(LIMITS.messageBytes)}` },
      expected: { timestamp, message: `\ufeff${'x'.repeat(LIMITS.messageBytes - 3)}`, truncated: 3 },
    },
    {
      what: 'no field that is undefined',
      entry: { timestamp, message: 'a', level: undefined } as unknown as NewEntry,
      expected: { timestamp, message: 'a' },
    },
  ])('holds $what', ({ entry, expected }) => {
    expect(stored(entry)).toEqual(expected);
    expect(NewEntry.safeParse(stored(entry)).success).toBe(true);
  });

  it('is one line, whatever it holds', () => {
    const odd = '\n\r\0\u0085\u2028\u2029"\\</script>';
    expect(encodeEntry({ timestamp, message: odd, podName: odd, context: { [odd]: odd } })).not.toContain('\n');
  });
});

describe('lines of a source', () => {
  const labels = { podName: 'web-"1"', container: 'app', restart: 2 };

  it.each([
    { labels: {}, stream: undefined, tail: '}' },
    { labels: {}, stream: 'stdout' as const, tail: ',"stream":"stdout"}' },
    { labels: { podName: 'web.1' }, stream: undefined, tail: ',"podName":"web.1"}' },
    {
      labels: { podName: 'p', container: 'c', restart: 0 },
      stream: 'stderr' as const,
      tail: ',"stream":"stderr","podName":"p","container":"c","restart":0}',
    },
  ])('carry $labels and the output $stream', ({ labels, stream, tail }) => {
    const [line] = new LineEncoder(labels).encode([{ timestamp, message: 'a' }], stream);
    expect(line).toBe(`{"timestamp":"${timestamp}","message":"a"${tail}`);
  });

  it.each(Array.from({ length: 20 }, (_, seed) => seed))('are encoded as entries are (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const lines = Array.from({ length: 200 }, () => {
      const message = randomMessage(random);
      return random() < 0.1 ? { timestamp, message, truncated: 1 + Math.floor(random() * 99) } : { timestamp, message };
    });
    const stream = ([undefined, 'stdout', 'stderr'] as const)[seed % 3];
    const expected = lines.map((line) => {
      const level = recogniseLevel(line.message);
      return stored({ ...line, ...(stream && { stream }), ...(level && { level }), ...labels });
    });
    expect(new LineEncoder(labels).encode(lines, stream).map((line) => JSON.parse(line) as unknown)).toEqual(expected);
  });
});

/** Well-formed text, of characters that JSON writes as they are and of those that it does not. */
function randomMessage(random: () => number): string {
  const parts = [
    'a',
    ' ',
    '"',
    '\\',
    '\t',
    '\0',
    '\x1b[31m',
    '\x7f',
    'é',
    '€',
    '\u2028',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '😀',
    'INFO ',
  ];
  const some = random() < 0.5 ? parts.slice(0, 2) : parts;
  return Array.from({ length: random() * 20 }, () => some[Math.floor(random() * some.length)]).join('');
}
