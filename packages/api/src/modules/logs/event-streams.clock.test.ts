import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, it } from '@jest/globals';
import { LogsError, MemoryLogStore, Tails } from '@kubidu/core';
import { ManualClock, RawEvents, eventually } from '@kubidu/testing';
import { pino } from 'pino';

import { LOCAL } from '../auth/api-principal.ts';
import { Deliveries } from './delivery/deliveries.ts';
import { EventStreams } from './event-streams.ts';
import type { EventForm } from './event-stream.ts';

const STREAM = 'job:a';

/** Event streams behind a bare server, on a clock that a test moves. */
async function serving(form: EventForm, may: () => Promise<boolean>) {
  const clock = new ManualClock();
  const tails = new Tails(new MemoryLogStore());
  const failures: unknown[] = [];
  const silent = { delivered: () => undefined, scanned: () => undefined, lagged: () => undefined };
  const deliveries = new Deliveries(tails, {
    ...silent,
    ...{ subscribers: () => undefined, catchingUp: () => undefined, failed: (_, error) => void failures.push(error) },
  });
  const streams = new EventStreams({
    ...{ deliveries, clock, logger: pino({ level: 'silent' }) },
    access: { may, mustRead: () => Promise.resolve() },
    want: () => ({ [Symbol.asyncDispose]: () => Promise.resolve() }),
  });
  const http = createServer((request, response) => {
    const asked = { principal: LOCAL, stream: STREAM, query: { lines: 10 }, form } as const;
    streams.serve(asked, request, response).catch((error: unknown) => failures.push(error));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    await streams.onModuleDestroy();
    await deliveries[Symbol.asyncDispose]();
    await tails[Symbol.asyncDispose]();
    await new Promise((resolve) => http.close(resolve));
    expect(failures).toEqual([]);
  };
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, clock, [Symbol.asyncDispose]: close };
}

describe('a response that is silent', () => {
  it.each([
    { form: 'events' as const, beat: ': still here' },
    { form: 'job' as const, beat: '' },
  ])('shows every 15 seconds that it is alive, as $form with "$beat"', async ({ form, beat }) => {
    await using server = await serving(form, () => Promise.resolve(true));
    await using events = await RawEvents.open(server.url);
    await eventually(() => expect(server.clock.sleeping).toBe(1));
    await eventually(() => expect(events.lines.length).toBeGreaterThanOrEqual(2));
    const before = events.lines.length;
    const told = events.events.length;
    server.clock.advance(14_999);
    server.clock.advance(1);
    await eventually(() => expect(events.lines.slice(before)[0]).toBe(beat));
    expect(events.events).toHaveLength(told);
    expect(server.clock.nextMs).toBe(15_000);
  });

  it.each([
    { form: 'events' as const, told: { code: 'NOT_FOUND', message: 'there is no stream job:a' } },
    { form: 'job' as const, told: { type: 'error', code: 'NOT_FOUND', level: 'error' } },
  ])('ends as $form within a minute of the loss of the right to read, and says so', async ({ form, told }) => {
    let answer: () => Promise<boolean> = () => Promise.reject(new LogsError('UNAVAILABLE', 'who knows'));
    await using server = await serving(form, () => answer());
    await using events = await RawEvents.open(server.url);
    const beat = async () => {
      await eventually(() => expect(server.clock.nextMs).toBe(15_000));
      server.clock.advance(15_000);
    };
    for (let beats = 0; beats < 4; beats++) await beat();
    await eventually(() => expect(server.clock.sleeping).toBe(1));
    expect(events.ended).toBeUndefined();
    answer = () => Promise.resolve(false);
    for (let beats = 0; beats < 4; beats++) await beat();
    await eventually(() => expect(events.ended).toBe('whole'));
    expect(events.events.at(-1)?.data).toMatchObject(told);
  });
});
