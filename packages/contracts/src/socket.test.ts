import { describe, expect, it } from '@jest/globals';

import type { ClientEvents, ServerEvents } from './socket.ts';
import { History, Subscribe, SubscribeRuntime, Unsubscribe } from './socket.ts';

const SCHEMAS = { SubscribeRuntime, Subscribe, Unsubscribe, History };

describe('a request by socket', () => {
  it.each([
    { schema: 'SubscribeRuntime', sent: { serviceId: 'web' }, got: { serviceId: 'web', lines: 100, batch: false } },
    {
      schema: 'SubscribeRuntime',
      sent: { serviceId: 'web', sinceIndex: 0, lines: 0, batch: true },
      got: { serviceId: 'web', sinceIndex: 0, lines: 0, batch: true },
    },
    {
      schema: 'Subscribe',
      sent: { stream: 'runtime:web', lines: 10_000 },
      got: { stream: 'runtime:web', lines: 10_000, batch: false },
    },
    {
      schema: 'Subscribe',
      sent: { stream: 'build:a', sinceIndex: Number.MAX_SAFE_INTEGER },
      got: { stream: 'build:a', sinceIndex: Number.MAX_SAFE_INTEGER, lines: 100, batch: false },
    },
    {
      schema: 'Subscribe',
      sent: { stream: 'runtime:web', query: 'level:error' },
      got: { stream: 'runtime:web', query: 'level:error', lines: 100, batch: false },
    },
    { schema: 'Unsubscribe', sent: { stream: 'runtime:web' }, got: { stream: 'runtime:web' } },
    { schema: 'History', sent: { stream: 'runtime:web' }, got: { stream: 'runtime:web', limit: 1_000 } },
    {
      schema: 'History',
      sent: { stream: 'runtime:web', before: 12, limit: 10_000 },
      got: { stream: 'runtime:web', before: 12, limit: 10_000 },
    },
    {
      schema: 'History',
      sent: { stream: 'runtime:web', after: 0, limit: 1 },
      got: { stream: 'runtime:web', after: 0, limit: 1 },
    },
  ] as const)('$schema takes $sent as $got', ({ schema, sent, got }) => {
    expect(SCHEMAS[schema].parse(sent)).toEqual(got);
  });

  it.each([
    { schema: 'SubscribeRuntime', sent: {}, at: 'serviceId' },
    { schema: 'History', sent: { stream: 'runtime:web', query: 'error' }, at: 'query' },
    { schema: 'Subscribe', sent: { stream: 'runtime:web', query: ['error'] }, at: 'query' },
    { schema: 'SubscribeRuntime', sent: { serviceId: '' }, at: 'serviceId' },
    { schema: 'SubscribeRuntime', sent: { serviceId: '../x' }, at: 'serviceId' },
    { schema: 'SubscribeRuntime', sent: { serviceId: 7 }, at: 'serviceId' },
    { schema: 'SubscribeRuntime', sent: { serviceId: 'x'.repeat(1 << 20) }, at: 'serviceId' },
    { schema: 'SubscribeRuntime', sent: { serviceId: 'web', lines: -1 }, at: 'lines' },
    { schema: 'SubscribeRuntime', sent: { serviceId: 'web', lines: 10_001 }, at: 'lines' },
    { schema: 'SubscribeRuntime', sent: { serviceId: 'web', lines: '100' }, at: 'lines' },
    { schema: 'SubscribeRuntime', sent: { serviceId: 'web', lines: NaN }, at: 'lines' },
    { schema: 'SubscribeRuntime', sent: { serviceId: 'web', lines: null }, at: 'lines' },
    { schema: 'SubscribeRuntime', sent: { serviceId: 'web', sinceIndex: -1 }, at: 'sinceIndex' },
    { schema: 'SubscribeRuntime', sent: { serviceId: 'web', sinceIndex: 1.5 }, at: 'sinceIndex' },
    { schema: 'SubscribeRuntime', sent: { serviceId: 'web', sinceIndex: 2 ** 53 }, at: 'sinceIndex' },
    { schema: 'SubscribeRuntime', sent: { serviceId: 'web', batch: 'yes' }, at: 'batch' },
    { schema: 'Subscribe', sent: { stream: 'web' }, at: 'stream' },
    { schema: 'Subscribe', sent: { stream: 'builds' }, at: 'stream' },
    { schema: 'Subscribe', sent: { stream: ['runtime:web'] }, at: 'stream' },
    { schema: 'Unsubscribe', sent: {}, at: 'stream' },
    { schema: 'History', sent: { stream: 'runtime:web', limit: 0 }, at: 'limit' },
    { schema: 'History', sent: { stream: 'runtime:web', limit: 10_001 }, at: 'limit' },
    { schema: 'History', sent: { stream: 'runtime:web', before: 1, after: 1 }, at: 'before' },
  ] as const)('$schema refuses $sent at "$at"', ({ schema, sent, at }) => {
    const issues = SCHEMAS[schema].safeParse(sent).error?.issues ?? [];
    expect([...new Set(issues.map(({ path }) => path.join('.')))]).toEqual([at]);
  });

  it.each(Object.entries(SCHEMAS))('%s refuses what is no object', (_, schema) => {
    for (const sent of [undefined, null, 'runtime:web', 7, true, [], () => undefined])
      expect(schema.safeParse(sent).success).toBe(false);
  });
});

/** Compiles only while the handler may be one of the event. */
function handler<Events, Name extends keyof Events>(_name: Name, _handler: Events[Name]): void {}

describe('the types of the events', () => {
  it('let a plain client of socket.io be written without a cast', () => {
    handler<ServerEvents, 'logs:history'>('logs:history', (entries, { stream, firstIndex, lastIndex }) => {
      expect([entries.map(({ index, message }) => `${index} ${message}`), stream, firstIndex, lastIndex]).toBeDefined();
    });
    handler<ServerEvents, 'log'>('log', (entry) => expect(entry.event?.type).toBeDefined());
    handler<ServerEvents, 'logs:gap'>('logs:gap', ({ from, to }) => expect(to - from).toBeDefined());
    handler<ServerEvents, 'logs:end'>('logs:end', ({ status, exitCode = 0 }) =>
      expect([status, exitCode]).toBeDefined(),
    );
    handler<ServerEvents, 'error'>('error', ({ code }) => expect(code === 'FORBIDDEN').toBeDefined());
    const request: Parameters<ClientEvents['subscribe:runtime']> = [
      { serviceId: 'web' },
      (answer) => expect(answer.ok ? answer.lastIndex : answer.error.code).toBeDefined(),
    ];
    expect(SubscribeRuntime.safeParse(request[0]).success).toBe(true);
  });
});
