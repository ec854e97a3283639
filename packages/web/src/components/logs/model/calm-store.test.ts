import { expect, it } from '@jest/globals';
import { compile } from '@kubidu/query';

import { CalmStore } from './calm-store.ts';
import type { LogModel, LogSnapshot } from './log-model.ts';

it('tells at once of the query that one types, however shortly before it told of something else', () => {
  let snapshot = { last: 1 } as LogSnapshot;
  let changed = (): void => undefined;
  const model = {
    getSnapshot: () => snapshot,
    subscribe: (listener: () => void) => {
      changed = listener;
      return () => undefined;
    },
  };
  const calm = new CalmStore(model as unknown as LogModel);
  const told: LogSnapshot[] = [];
  const leave = calm.subscribe(() => told.push(calm.getSnapshot()));
  const become = (next: Partial<LogSnapshot>) => {
    snapshot = { ...snapshot, ...next };
    changed();
  };
  become({ last: 2 });
  become({ last: 3 });
  expect(told.map(({ last }) => last)).toEqual([2]);
  const search = { query: compile('slow') } as LogSnapshot['search'];
  become({ search });
  become({ last: 4 });
  expect(told.map(({ last, search: found }) => [last, found?.query.text])).toEqual([
    [2, undefined],
    [3, 'slow'],
  ]);
  leave();
});

it('knows what changed between the first drawing and its first listener', () => {
  let snapshot = { last: 1 } as LogSnapshot;
  const model = { getSnapshot: () => snapshot, subscribe: () => () => undefined };
  const calm = new CalmStore(model as unknown as LogModel);
  snapshot = { ...snapshot, last: 2 };
  expect(calm.getSnapshot().last).toBe(1);
  const leave = calm.subscribe(() => undefined);
  expect(calm.getSnapshot().last).toBe(2);
  leave();
});
