import { expect, it } from '@jest/globals';

import { nearNames } from './near-names.ts';

it.each([
  ['wbe', ['web', 'worker', 'api'], ['web']],
  ['worke', ['web', 'worker', 'worker-2'], ['worker', 'worker-2']],
  ['WEB', ['web', 'api'], ['web']],
  ['payments', ['web', 'api'], []],
  ['w', ['x', 'web'], ['x']],
  ['web', [], []],
])('%s among %j may mean %j', (name, names, near) => {
  expect(nearNames(name, names)).toEqual(near);
});
