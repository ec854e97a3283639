import { describe, expect, it, jest } from '@jest/globals';

import { NanosecondClock } from './nanosecond-clock.ts';

describe('the nanosecond clock', () => {
  it('gives each line a time later than the one before, near the machine’s', () => {
    const clock = new NanosecondClock();
    const times = Array.from({ length: 10_000 }, (_, at) => {
      if (at % 100 === 0) clock.read();
      return clock.next();
    });
    expect(new Set(times).size).toBe(times.length);
    expect(times).toEqual([...times].sort());
    expect(times.every((time) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/.test(time))).toBe(true);
    expect(Math.abs(Date.parse(times.at(-1) ?? '') - Date.now())).toBeLessThan(1_000);
  });

  it('goes on when the machine’s clock is set back, and follows it when that is set forward', () => {
    const clock = new NanosecondClock();
    clock.read();
    const before = clock.next();
    const now = Date.now();
    const spy = jest.spyOn(Date, 'now').mockReturnValue(now - 3_600_000);
    clock.read();
    expect(clock.next() > before).toBe(true);
    spy.mockReturnValue(now + 3_600_000);
    clock.read();
    expect(Math.abs(Date.parse(clock.next()) - now - 3_600_000)).toBeLessThan(1_000);
    spy.mockRestore();
  });
});
