import { describe, expect, it } from '@jest/globals';
import { compile } from '@kubidu/query';

import { initialLogView } from '../log-view.ts';
import { filterQuery } from './filter-query.ts';

describe('What was chosen, as a query', () => {
  it.each([
    [{}, '', ''],
    [{ level: 'WARN' as const }, '', 'level:>=warn'],
    [{ pods: ['a'] }, '', 'pod:"a"'],
    [
      { pods: ['a', 'b "c"'], containers: ['x'] },
      'boom OR bang',
      'pod:("a" OR "b \\"c\\"") container:"x" (boom OR bang)',
    ],
    [{ step: 4 }, '', 'step:4'],
  ])('%j with %j is %j', (chosen, query, expected) => {
    const text = filterQuery({ ...initialLogView, ...chosen }, query);
    expect(text).toBe(expected);
    expect(() => compile(text)).not.toThrow();
  });
});
