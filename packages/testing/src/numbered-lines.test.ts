import { execFileSync } from 'node:child_process';

import { describe, expect, it } from '@jest/globals';

import { numberedLine, numberedLines, numberedLinesScript, parseNumberedLine, writerNumber } from './numbered-lines.ts';

describe('numbered lines', () => {
  it('say their number, their time and their writer', () => {
    const line = numberedLine(17, writerNumber('web-1'), 1_795_000_000, 42);
    expect(line).toMatch(/^17\|1795000000000000042\|\d+$/);
    expect(parseNumberedLine(line)).toEqual({
      seq: 17,
      seconds: 1_795_000_000,
      nanoseconds: 42,
      writer: writerNumber('web-1'),
    });
  });

  it('are numbered from 1 on, or from where one says', () => {
    expect([...numberedLines(3, 'web-1')].map((line) => parseNumberedLine(line)?.seq)).toEqual([1, 2, 3]);
    expect([...numberedLines(2, 'web-1', { from: 7 })].map((line) => parseNumberedLine(line)?.seq)).toEqual([7, 8]);
  });

  it.each([
    '',
    '1',
    '1|2',
    '1|2|3',
    '|1795000000000000042|1',
    '01|1795000000000000042|1',
    '1|1795000000000000042|1 ',
    'a|b|c',
  ])('are not %j', (line) => expect(parseNumberedLine(line)).toBeUndefined());

  it('tell every change of a single digit', () => {
    const writer = writerNumber('web-1');
    const line = numberedLine(20_888, writer, 1_795_000_000, 123_456_789);
    const unnoticed = [...line].flatMap((character, at) =>
      [...'0123456789|']
        .filter((other) => other !== character)
        .map((other) => line.slice(0, at) + other + line.slice(at + 1))
        .filter((changed) => parseNumberedLine(changed)?.writer === writer),
    );
    expect(unnoticed).toEqual([]);
  });

  const awks = [
    ['the awk of this machine', (script: string) => execFileSync('sh', ['-c', script])],
    ...(hasBusybox()
      ? [['busybox', (script: string) => execFileSync('busybox', ['sh', '-c', script], busyboxAwk)] as const]
      : []),
  ] as const;

  it.each(awks)('come from %s as from here', (_, run) => {
    const written = run(numberedLinesScript(1_000, { writer: 'web-7d9f-x2k' }))
      .toString()
      .trimEnd()
      .split('\n');
    const read = written.map((line) => parseNumberedLine(line));
    expect(read.map((line) => line?.seq)).toEqual(Array.from({ length: 1_000 }, (_, at) => at + 1));
    expect(new Set(read.map((line) => line?.writer))).toEqual(new Set([writerNumber('web-7d9f-x2k')]));
  });
});

/** An empty path: busybox's shell then runs its own applets, if it was built to prefer them, and else finds none. */
const busyboxAwk = { env: { PATH: '/nonexistent' } };

function hasBusybox(): boolean {
  try {
    return execFileSync('busybox', ['sh', '-c', 'awk "BEGIN { print 1 }"'], busyboxAwk).toString() === '1\n';
  } catch {
    return false;
  }
}
