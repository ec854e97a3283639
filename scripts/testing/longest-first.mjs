import { statSync } from 'node:fs';

import { noted } from './durations.mjs';

/**
 * In which order jest begins files: the longest first, so that no worker is left with one at the end while the other
 * has nothing to do. Jest would know durations only of files that this very checkout has run.
 */
export default class LongestFirst {
  #seconds = noted();

  /**
   * @template {{ path: string }} Test
   * @param {readonly Test[]} tests
   * @returns {Test[]} those whose duration is noted, then the others, the largest file first
   */
  sort(tests) {
    const all = tests.map((test) => ({
      test,
      seconds: this.#seconds.get(test.path) ?? 0,
      bytes: statSync(test.path).size,
    }));
    return all.sort((a, b) => b.seconds - a.seconds || b.bytes - a.bytes).map(({ test }) => test);
  }

  /** Jest hands over what it would keep for the next time. */
  cacheResults() {}
}
