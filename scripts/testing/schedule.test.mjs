import { describe, expect, it } from '@jest/globals';

import { schedule } from './schedule.mjs';

/**
 * A suite whose files say by their names what they have for themselves.
 * @param {import('./suites.mjs').SuiteName} name
 * @param {string[]} files
 */
const chosen = (name, ...files) => ({
  suite: {
    name,
    needs: [],
    alone: (/** @type {string} */ file) =>
      /** @type {const} */ (['machine', 'engine', 'cluster']).find((whole) => file.startsWith(whole)),
    takes: () => false,
  },
  files,
});

/** @param {ReturnType<typeof chosen>} one */
const waiting = ({ suite, files }) => ({ suite: { ...suite, workers: 3 }, files });

/** @param {ReturnType<typeof schedule>['first']} runs */
const inWords = (runs) => runs.map(({ name, files, workers }) => `${name}: ${files.join(' ')} by ${workers}`);

describe('The schedule', () => {
  it('has the suites in their order, and what measures after the rest of its suite', () => {
    const { first, beside } = schedule([
      chosen('unit', 'a', 'b'),
      chosen('system', 'machine-1', 'c', 'd'),
      chosen('browser', 'e', 'machine-2'),
    ]);
    expect(inWords(first)).toEqual([
      'unit: a b by 2',
      'system: c d by 2',
      'system, one by one: machine-1 by 1',
      'browser: e by 2',
      'browser, one by one: machine-2 by 1',
    ]);
    expect(beside).toEqual([]);
  });

  it('has at last, beside each other, what has the engine and what has the cluster for itself', () => {
    const { first, beside } = schedule([
      chosen('docker', 'engine-1', 'engine-2'),
      waiting(chosen('kubernetes', 'a', 'cluster-1', 'b')),
      chosen('rotation', 'cluster-2'),
    ]);
    expect(inWords(first)).toEqual(['kubernetes: a b by 3']);
    expect(beside.map(inWords)).toEqual([
      ['docker, one by one: engine-1 engine-2 by 1'],
      ['kubernetes, one by one: cluster-1 by 1', 'rotation, one by one: cluster-2 by 1'],
    ]);
  });
});
