import { describe, expect, it } from '@jest/globals';

import { judge } from './jest-run.mjs';

/** @param {object} [counts] @param {object[]} [testResults] */
const results = (counts = {}, testResults = []) => ({
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults,
  ...counts,
});

describe('The tally of a suite', () => {
  it('has what jest counted', () => {
    const end = { code: 1 };
    expect(judge(results({ numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 }), end)).toMatchObject({
      passed: 3,
      failed: 2,
      skipped: 2,
      problems: [],
    });
  });

  it('counts a file that could not run as a failure', () => {
    const files = [{ status: 'failed', name: 'x.test.ts', assertionResults: [] }];
    expect(judge(results({}, files), { code: 1 })).toMatchObject({
      passed: 3,
      failed: 1,
      problems: [expect.stringContaining('x.test.ts could not run')],
    });
  });

  it.each([
    { what: 'jest that did not exit', end: { code: null, hung: 'a test left something open' } },
    { what: 'jest that ended badly though nothing failed', end: { code: 1 } },
  ])('counts $what as a failure', ({ end }) => {
    expect(judge(results(), end)).toMatchObject({ passed: 3, failed: 1, problems: [expect.any(String)] });
  });

  it('is without problems when all is well', () => {
    expect(judge(results(), { code: 0 })).toMatchObject({ passed: 3, failed: 0, skipped: 0, problems: [] });
  });

  it('has how many seconds each file took, at least one', () => {
    const files = [
      { status: 'passed', name: '/a.test.ts', startTime: 1_000, endTime: 13_600, assertionResults: [{}] },
      { status: 'passed', name: '/b.test.ts', startTime: 1_000, endTime: 1_200, assertionResults: [{}] },
    ];
    expect([...judge(results({}, files), { code: 0 }).seconds]).toEqual([
      ['/a.test.ts', 13],
      ['/b.test.ts', 1],
    ]);
  });
});
