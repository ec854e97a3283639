import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '@kubidu/contracts';

import type { FormatOptions } from './format.ts';
import { formatOf } from './formats.ts';

const PLAIN: FormatOptions = { output: 'text', timestamps: true, prefix: true, colours: false, terminal: false };

function entry(index: number, message: string, more: Partial<LogEntry> = {}): LogEntry {
  return { index, timestamp: '2026-11-20T23:16:57.856942694Z', message, podName: 'web-1', container: 'app', ...more };
}

function format(entries: LogEntry[], options: Partial<FormatOptions> = {}): string {
  return formatOf({ ...PLAIN, ...options }).format(entries);
}

describe('text', () => {
  it.each([
    ['to the millisecond', '2026-11-20T23:16:57.856942694Z', '2026-11-20T23:16:57.856Z'],
    ['as it is when it is shorter', '2026-11-20T23:16:57Z', '2026-11-20T23:16:57Z'],
    ['as it is with milliseconds', '2026-11-20T23:16:57.856Z', '2026-11-20T23:16:57.856Z'],
    ['without what is no time', '2026-11-20T23:16:57Z\x1b[2J', '2026-11-20T23:16:57Z'],
  ])('shows the time %s', (_name, timestamp, shown) => {
    expect(format([entry(1, 'hi', { timestamp })])).toBe(`${shown} hi\n`);
  });

  it('names the source from the moment there are two, in the whole batch', () => {
    const text = formatOf({ ...PLAIN, timestamps: false });
    expect(text.format([entry(1, 'a')])).toBe('a\n');
    expect(text.format([entry(2, 'b'), entry(3, 'c', { podName: 'web-2' })])).toBe('web-1 app b\nweb-2 app c\n');
    expect(text.format([entry(4, 'd')])).toBe('web-1 app d\n');
  });

  it('names the source from the first line when two are known to write', () => {
    const text = formatOf({ ...PLAIN, timestamps: false });
    const source = { container: 'app', state: 'running' };
    text.sources?.([
      { podName: 'web-1', ...source },
      { podName: 'web-2', ...source },
    ]);
    expect(text.format([entry(1, 'a')])).toBe('web-1 app a\n');
  });

  it('names no source when told so, or where there is none', () => {
    const two = [entry(1, 'a'), entry(2, 'b', { podName: 'web-2' })];
    expect(format(two, { timestamps: false, prefix: false })).toBe('a\nb\n');
    const { podName: _pod, container: _container, ...bare } = entry(3, 'c');
    expect(format([...two, bare], { timestamps: false })).toBe('web-1 app a\nweb-2 app b\nc\n');
  });

  it('marks what the system says, and what was cut', () => {
    const entries = [
      entry(1, 'container exited: 137 OOMKilled', { stream: 'system' }),
      entry(2, 'long', { truncated: 1_200 }),
    ];
    expect(format(entries, { timestamps: false })).toBe('● container exited: 137 OOMKilled\nlong … 1,200 bytes cut\n');
  });

  it('is dim and coloured where it may be', () => {
    const text = format([entry(1, 'a'), entry(2, '\x1b[31mb', { podName: 'web-2' })], { colours: true });
    expect(text).toBe(
      '\x1b[2m2026-11-20T23:16:57.856Z\x1b[22m \x1b[36mweb-1 app\x1b[39m a\n' +
        '\x1b[2m2026-11-20T23:16:57.856Z\x1b[22m \x1b[32mweb-2 app\x1b[39m \x1b[31mb\x1b[0m\n',
    );
  });

  it('takes controls out of pod names too', () => {
    const entries = [entry(1, 'a', { podName: 'x\x1b]0;t\x07' }), entry(2, 'b')];
    expect(format(entries, { timestamps: false })).toBe('x app a\nweb-1 app b\n');
  });

  it('takes no longer for lines than three times what it takes to parse them', () => {
    const lines = Array.from({ length: 20_000 }, (_, i) =>
      entry(i + 1, `level=info msg="job done" job=${i} queue=orders duration=284ms`, { podName: `web-${i % 3}` }),
    );
    const texts = lines.map((line) => JSON.stringify(line));
    const text = formatOf({ ...PLAIN, colours: true });
    const took = (work: () => void): number => {
      const before = process.cpuUsage().user;
      work();
      return process.cpuUsage().user - before;
    };
    // In turns, and the least of each: whatever else runs makes either slower.
    const rounds = Array.from({ length: 7 }, () => ({
      parsing: took(() => texts.forEach((line) => void JSON.parse(line))),
      formatting: took(() => text.format(lines)),
    }));
    const least = (of: 'parsing' | 'formatting') => Math.min(...rounds.map((round) => round[of]));
    expect(least('formatting') / least('parsing')).toBeLessThan(3);
  });
});

describe('json', () => {
  it('is the entry, one a line, exactly', () => {
    const entries = [entry(1, 'a "b"\t\x1b[31m\x9b2J\u2028'), entry(2, 'é', { context: { userId: 42 } })];
    const text = format(entries, { output: 'json' });
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(entries);
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  });
});

describe('raw', () => {
  it('is the messages, exactly, in a pipe', () => {
    expect(format([entry(1, 'a\r\x1b[2Jb'), entry(2, '')], { output: 'raw' })).toBe('a\r\x1b[2Jb\n\n');
  });

  it('is safe on a terminal', () => {
    expect(format([entry(1, 'a\x1b[2Jb')], { output: 'raw', terminal: true })).toBe('ab\n');
  });

  it('leaves out what the system says', () => {
    expect(formatOf({ ...PLAIN, output: 'raw' }).system).toBe(false);
  });
});
