import { describe, expect, it } from '@jest/globals';
import type { Deployment, LogEntry, LogEvent } from '@kubidu/contracts';

import { rolloutOf } from './rollout.ts';

const built: Deployment = {
  deploymentId: 'b',
  serviceId: 'web',
  status: 'succeeded',
  createdAt: '2026-11-25T10:00:00Z',
};
const told = (index: number, event: LogEvent, podName?: string): LogEntry => ({
  index,
  timestamp: '2026-11-25T10:01:00Z',
  message: '',
  event,
  ...(podName !== undefined && { podName }),
});
const up = (podName: string) => ({ podName, container: 'app', state: 'running', restarts: 0 });
const states = (deployment: Deployment, entries: LogEntry[], pods: string[] = []) =>
  rolloutOf(deployment, entries, pods.map(up)).map(({ name, state, said }) => `${name} ${state}: ${said}`);

describe('The way of a deployment', () => {
  it.each(['failed', 'cancelled', 'lost'] as const)('ends at a build that %s', (status) => {
    expect(states({ ...built, status }, [])).toEqual([
      `Build failed: ${status}`,
      'Release skipped: not reached',
      'Pods skipped: not reached',
    ]);
  });

  it('waits for a release after the build', () => {
    expect(states(built, [told(1, { type: 'release', deploymentId: 'a' })])[1]).toBe('Release ahead: not released yet');
  });

  it('counts the pods that started behind its own release, and before the next', () => {
    const log = [
      told(1, { type: 'release', deploymentId: 'a' }),
      told(2, { type: 'container-started' }, 'old'),
      told(3, { type: 'release', deploymentId: 'b' }),
      told(4, { type: 'container-started' }, 'new-1'),
      told(5, { type: 'container-started' }, 'new-2'),
    ];
    expect(states(built, log, ['old', 'new-1'])[2]).toBe('Pods done: 1 running, 2 started');
    expect(states({ ...built, deploymentId: 'a' }, log, ['old'])[2]).toBe('Pods done: replaced by a later release');
  });
});
