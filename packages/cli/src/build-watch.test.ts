import { describe, expect, it } from '@jest/globals';
import type { LogEntry, LogEvent } from '@kubidu/contracts';

import { BuildWatch } from './build-watch.ts';

const START = Date.parse('2026-11-20T23:16:57.000Z');

/** Entries one second apart, from index `from` on. */
function entries(
  from: number,
  ...what: readonly (LogEvent | { step: number; message: string } | string)[]
): LogEntry[] {
  return what.map((one, at) => {
    const base = { index: from + at, timestamp: new Date(START + (from - 1 + at) * 1_000).toISOString() };
    if (typeof one === 'string') return { ...base, message: one, stream: 'system' };
    if ('type' in one) return { ...base, message: one.type, stream: 'system', event: one };
    return { ...base, ...one, stream: 'stdout' };
  });
}

const step = (number: number, status: 'started' | 'failed' | 'succeeded', durationMs?: number): LogEvent => ({
  type: 'build-step',
  step: number,
  name: `step ${number}`,
  status,
  ...(durationMs !== undefined && { durationMs }),
});

describe('what is under way', () => {
  it('is that the build waits, then the step that was heard from last, then nothing in particular', () => {
    const watch = new BuildWatch(START);
    expect(watch.progress(START + 2_000)).toBe('waiting for the build to begin … 2.0 s');
    watch.entries(entries(1, 'queued', step(1, 'started'), step(2, 'started')));
    expect(watch.progress(START + 12_000)).toBe('#2 step 2 … 10.0 s (and 1 more)');
    watch.entries(entries(4, { step: 1, message: 'x' }));
    expect(watch.progress(START + 12_000)).toBe('#1 step 1 … 11.0 s (and 1 more)');
    watch.entries(entries(5, step(1, 'succeeded'), step(2, 'succeeded')));
    expect(watch.progress(START + 12_000)).toBe('building … 11.0 s');
  });
});

describe('the end of a build', () => {
  it('is nothing while it goes on', () => {
    const watch = new BuildWatch(START);
    watch.entries(entries(1, 'queued', step(1, 'started')));
    expect([watch.result(), watch.recap()]).toEqual([undefined, '']);
  });

  it.each<{ finished: Omit<Extract<LogEvent, { type: 'build-finished' }>, 'type'>; says: string }>([
    { finished: { status: 'succeeded', exitCode: 0, image: 'sha256:a' }, says: 'build succeeded in 1.0 s: sha256:a' },
    { finished: { status: 'failed', exitCode: 3 }, says: 'build failed after 1.0 s with exit code 3' },
    { finished: { status: 'cancelled' }, says: 'build cancelled after 1.0 s' },
  ])('$finished is "$says", counted from when it left the queue', ({ finished, says }) => {
    const watch = new BuildWatch(START);
    watch.entries(entries(1, 'queued', step(1, 'started'), { type: 'build-finished', ...finished }));
    watch.end({ status: 'lost' });
    expect(watch.result()).toBe(says);
  });

  it('is what the stream says where no entry could, and without a time where its beginning was not read', () => {
    const lost = new BuildWatch(START);
    lost.end({ status: 'lost' });
    expect(lost.result()).toBe('build lost');
    const late = new BuildWatch(START);
    late.entries(entries(9, { type: 'build-finished', status: 'failed', exitCode: 1 }));
    expect(late.result()).toBe('build failed with exit code 1');
  });

  it('repeats the last 20 lines of each failed step, cut where they are long, and of no other', () => {
    const watch = new BuildWatch(START);
    const lines = Array.from({ length: 30 }, (_, n) => ({ step: 1, message: `one ${n}` }));
    watch.entries(entries(1, step(1, 'started'), step(2, 'started'), step(3, 'started'), ...lines));
    watch.entries(entries(40, { step: 2, message: 'x'.repeat(5_000) }, { step: 3, message: 'fine' }));
    watch.entries(entries(42, step(3, 'succeeded'), step(1, 'failed', 1_500), step(2, 'failed'), step(4, 'failed')));
    expect(watch.recap().split('\n')).toEqual([
      '#1 step 1 failed after 1.5 s; its last 20 lines:',
      ...lines.slice(10).map(({ message }) => `  ${message}`),
      '#2 step 2 failed:',
      `  ${'x'.repeat(2_000)} …`,
      '#4 step 4 failed without a word',
    ]);
  });

  it('remembers a bounded number of steps', () => {
    const watch = new BuildWatch(START);
    for (let n = 1; n <= 300; n++) watch.entries(entries(n, { step: n, message: `of ${n}` }));
    watch.entries(entries(301, step(1, 'failed'), step(300, 'failed')));
    expect(watch.recap()).toBe('#1 step 1 failed without a word\n#300 step 300 failed:\n  of 300');
  });
});
