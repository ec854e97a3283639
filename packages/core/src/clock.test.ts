import { getEventListeners } from 'node:events';

import { describe, expect, it } from '@jest/globals';

import { systemClock } from './clock.ts';

describe('the machine’s clock', () => {
  it('says the time', () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000);
  });

  it('wakes after the time, and leaves nothing on the signal', async () => {
    const { signal } = new AbortController();
    const before = performance.now();
    await systemClock.sleep(15, signal);
    expect(performance.now() - before).toBeGreaterThan(13);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it.each([
    { when: 'before', abortFirst: true },
    { when: 'meanwhile', abortFirst: false },
  ])('rejects with the reason of a signal that aborts $when', async ({ abortFirst }) => {
    const stop = new AbortController();
    const reason = new Error('enough');
    if (abortFirst) stop.abort(reason);
    const sleeping = systemClock.sleep(60_000, stop.signal);
    stop.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });
});
