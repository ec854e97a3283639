import { describe, expect, it } from '@jest/globals';

import { Needs } from './needs.mjs';

/** Provides names that a test settles itself, and what happened in its order. @param {readonly string[]} names */
function settledByHand(names) {
  /** @type {string[]} */
  const begun = [];
  /** @type {Record<string, { resolve: (why?: string) => void, reject: (error: Error) => void }>} */
  const hand = {};
  const provide = Object.fromEntries(
    names.map((name) => [
      name,
      () =>
        new Promise((/** @type {(why?: string) => void} */ resolve, reject) => {
          begun.push(name);
          hand[name] = { resolve, reject };
        }),
    ]),
  );
  /** Lets everything happen that waits for nothing else. */
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { needs: new Needs(provide), begun, hand, turn };
}

describe('What suites need', () => {
  it('is brought up once, in the order in which it is named', async () => {
    const { needs, begun, hand, turn } = settledByHand(['redis', 'docker']);
    const first = needs.missing(['redis', 'docker']);
    const second = needs.missing(['redis']);
    await turn();
    expect(begun).toEqual(['redis']);
    hand['redis']?.resolve();
    expect(await second).toBeUndefined();
    await turn();
    expect(begun).toEqual(['redis', 'docker']);
    hand['docker']?.resolve('there is none');
    expect(await first).toBe('there is none');
  });

  it('is brought up ahead one after the other, while what else is needed does not wait for it', async () => {
    const { needs, begun, hand, turn } = settledByHand(['redis', 'docker', 'build']);
    let over = false;
    const ahead = needs.ahead(['redis', 'docker']).then(() => (over = true));
    await turn();
    expect(begun).toEqual(['redis']);
    const built = needs.missing(['build']);
    await turn();
    hand['build']?.resolve();
    expect(await built).toBeUndefined();
    hand['redis']?.resolve();
    expect(await needs.missing(['redis'])).toBeUndefined();
    await turn();
    expect({ begun, over }).toEqual({ begun: ['redis', 'build', 'docker'], over: false });
    hand['docker']?.reject(new Error('it does not start'));
    await ahead;
  });

  it('fails for who needs it, also when it failed ahead, and keeps the next from nothing', async () => {
    const { needs, hand, turn } = settledByHand(['chromium', 'docker']);
    needs.ahead(['chromium', 'docker']);
    await turn();
    hand['chromium']?.reject(new Error('apt-get failed'));
    await turn();
    hand['docker']?.resolve();
    expect(await needs.missing(['docker'])).toBeUndefined();
    await expect(needs.missing(['chromium'])).rejects.toThrow('apt-get failed');
  });

  it('is settled when nothing is being brought up any more', async () => {
    const { needs, begun, hand, turn } = settledByHand(['chromium', 'docker']);
    needs.ahead(['chromium', 'docker']);
    await turn();
    let settled = false;
    const all = needs.settled().then(() => (settled = true));
    hand['chromium']?.reject(new Error('stopped'));
    await turn();
    expect({ begun, settled }).toEqual({ begun: ['chromium', 'docker'], settled: false });
    hand['docker']?.reject(new Error('stopped'));
    await all;
  });

  it('says of what nobody provides that nobody does', async () => {
    expect(await new Needs({}).missing(['water'])).toBe('nothing provides water');
  });
});
