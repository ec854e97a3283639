import { describe, expect, it } from '@jest/globals';

import { Perseverance } from './perseverance.ts';

/** An attempt that fails as often as told, each time with this. */
function failing(times: number, error = new Error('503')) {
  const attempt = () => (attempt.made++ < times ? Promise.reject(error) : Promise.resolve('done'));
  attempt.made = 0;
  return attempt;
}

const open = (isWorth = true) => new Perseverance({ isWorth: () => isWorth, waitMs: 0 });

describe('perseverance', () => {
  it('makes one attempt at a store that has not answered yet', async () => {
    const attempt = failing(1);
    await expect(open().run(attempt)).rejects.toThrow('503');
    expect(attempt.made).toBe(1);
  });

  it('makes up to eight at one that answered a while ago', async () => {
    const perseverance = open();
    await perseverance.run(failing(0));
    expect(await perseverance.run(failing(7))).toBe('done');
    const attempt = failing(8);
    await expect(perseverance.run(attempt)).rejects.toThrow('503');
    expect(attempt.made).toBe(8);
  });

  it('makes no second attempt at what is refused for good', async () => {
    const perseverance = open(false);
    await perseverance.run(failing(0));
    const attempt = failing(1, new Error('403'));
    await expect(perseverance.run(attempt)).rejects.toThrow('403');
    expect(attempt.made).toBe(1);
  });
});
