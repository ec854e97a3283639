import { describe, expect, it } from '@jest/globals';
import { LogEvent } from '@kubidu/contracts';

import { eventMessage } from './event-message.ts';

const SAID: readonly [event: LogEvent, message: string][] = [
  [{ type: 'container-started' }, 'container started'],
  [{ type: 'container-started', restart: 0 }, 'container started'],
  [{ type: 'container-started', restart: 3 }, 'container started again (restart 3)'],
  [
    { type: 'container-exited', exitCode: 0, reason: 'Completed', restart: 0 },
    'container exited with code 0 (Completed)',
  ],
  [
    { type: 'container-exited', exitCode: 137, reason: 'OOMKilled', signal: 9, restart: 1 },
    'container exited with code 137 (OOMKilled, signal 9)',
  ],
  [
    { type: 'container-exited', exitCode: 143, reason: 'Error', signal: 'SIGTERM', restart: 1 },
    'container exited with code 143 (Error, signal SIGTERM)',
  ],
  [{ type: 'pod-deleted' }, 'pod deleted'],
  [{ type: 'lost', reason: 'rotated' }, 'lines lost (rotated)'],
  [{ type: 'lost', reason: 'rotated', lines: 12 }, '12 lines lost (rotated)'],
  [{ type: 'lost', reason: 'rotated', lines: 1 }, '1 line lost (rotated)'],
  [{ type: 'lost', reason: 'rotated', lines: 0 }, '0 lines lost (rotated)'],
  [
    { type: 'build-step', step: 4, total: 9, name: '[2/3] RUN make', status: 'started' },
    'step 4 of 9 started: [2/3] RUN make',
  ],
  [
    { type: 'build-step', step: 4, name: 'RUN make', status: 'succeeded', durationMs: 1_240 },
    'step 4 succeeded in 1.2 s: RUN make',
  ],
  [{ type: 'build-finished', status: 'failed', exitCode: 3 }, 'build failed with exit code 3'],
  [{ type: 'build-finished', status: 'succeeded', exitCode: 0, image: 'sha256:1f' }, 'build succeeded: sha256:1f'],
  [{ type: 'release', deploymentId: '42' }, 'release 42'],
];

describe('an event in words', () => {
  it.each(SAID)('%j is said as "%s"', (event, message) => {
    expect(LogEvent.parse(event)).toEqual(event);
    expect(eventMessage(event)).toBe(message);
  });

  it('is there for every type', () => {
    const types = LogEvent.options.map((option) => option.shape.type.value);
    expect(new Set(SAID.map(([event]) => event.type))).toEqual(new Set(types));
  });
});
