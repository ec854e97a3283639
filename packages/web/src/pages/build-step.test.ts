import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '@kubidu/contracts';

import { stepsOf, stepToOpen } from './build-step.ts';

type Status = 'started' | 'cached' | 'succeeded' | 'failed';
const told = (index: number, step: number, status: Status): LogEntry => ({
  index,
  timestamp: `2026-11-25T10:00:0${index}Z`,
  message: '',
  step,
  event: { type: 'build-step', step, name: `RUN ${step}`, status, ...(status !== 'started' && { durationMs: 5 }) },
});

describe('The steps of a build', () => {
  it('are in the order of their numbers, each as it was told of last, since it began', () => {
    const steps = stepsOf([told(1, 2, 'started'), told(2, 1, 'cached'), told(3, 2, 'succeeded')]);
    expect(steps).toEqual([
      { step: 1, name: 'RUN 1', status: 'cached', durationMs: 5 },
      { step: 2, name: 'RUN 2', status: 'succeeded', startedAt: '2026-11-25T10:00:01Z', durationMs: 5 },
    ]);
  });

  it.each([
    { told: ['succeeded', 'failed', 'started'], opens: 2 },
    { told: ['succeeded', 'started', 'started'], opens: 3 },
    { told: ['succeeded', 'cached', 'succeeded'], opens: undefined },
  ] as const)('$told open at $opens', ({ told: statuses, opens }) => {
    expect(stepToOpen(stepsOf(statuses.map((status, place) => told(place + 1, place + 1, status))))).toBe(opens);
  });
});
