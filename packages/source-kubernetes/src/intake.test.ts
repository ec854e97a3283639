import { PassThrough } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';

import { expect, it } from '@jest/globals';

import { Intake, IntakeBudget } from './intake.ts';

const LONG_MS = 60_000;

it('wakes nobody for what was taken already: whoever waits would take it for silence', async () => {
  const response = new PassThrough();
  const intake = new Intake(response as unknown as IncomingMessage, new IntakeBudget());
  const stop = new AbortController();
  response.emit('data', Buffer.from('one\n'));
  expect(await intake.wait(LONG_MS, stop.signal)).toBe(true);
  expect(intake.take().join('')).toBe('one\n');
  let answer: boolean | undefined;
  const waiting = intake.wait(LONG_MS, stop.signal).then((came) => (answer = came));
  await turn();
  await turn();
  expect(answer).toBeUndefined();
  response.emit('data', Buffer.from('two\n'));
  await waiting;
  expect(answer).toBe(true);
  expect(intake.take().join('')).toBe('two\n');
  intake.close();
});
