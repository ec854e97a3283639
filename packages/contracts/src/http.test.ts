import { describe, expect, it } from '@jest/globals';

import { EndStream, Ingest, ListStreams, ReadLogs } from './http.ts';
import { LIMITS } from './limits.ts';

const SCHEMAS = { ListStreams, ReadLogs, Ingest, EndStream };
const entry = (id: number) => ({ id: `e${id}`, timestamp: '2026-11-20T23:16:57Z', message: `line ${id}` });

describe('a request by HTTP', () => {
  it.each([
    { schema: 'ListStreams', sent: {}, got: { limit: 100 } },
    {
      schema: 'ListStreams',
      sent: { kind: 'runtime', prefix: 'we', limit: '1000', cursor: 'x' },
      got: { kind: 'runtime', prefix: 'we', limit: 1_000, cursor: 'x' },
    },
    { schema: 'ListStreams', sent: { prefix: '', limit: '1' }, got: { prefix: '', limit: 1 } },
    { schema: 'ReadLogs', sent: {}, got: { limit: 1_000 } },
    { schema: 'ReadLogs', sent: { after: '0', limit: '10000' }, got: { after: 0, limit: 10_000 } },
    { schema: 'ReadLogs', sent: { before: '9007199254740991' }, got: { before: 9007199254740991, limit: 1_000 } },
    { schema: 'ReadLogs', sent: { query: 'a b' }, got: { limit: 1_000, query: 'a b' } },
    {
      schema: 'ReadLogs',
      sent: { since: '1h30m', until: '2026-11-20T10:00:00.123456789+01:00' },
      got: { limit: 1_000, since: '1h30m', until: '2026-11-20T10:00:00.123456789+01:00' },
    },
    { schema: 'ReadLogs', sent: { after: '007' }, got: { after: 7, limit: 1_000 } },
    { schema: 'EndStream', sent: { status: 'failed', exitCode: 3 }, got: { status: 'failed', exitCode: 3 } },
    { schema: 'Ingest', sent: { entries: [] }, got: { entries: [] } },
  ] as const)('$schema takes $sent as $got', ({ schema, sent, got }) => {
    expect(SCHEMAS[schema].parse(sent)).toEqual(got);
  });

  it.each([
    { schema: 'ListStreams', sent: { kind: 'service' }, at: 'kind' },
    { schema: 'ListStreams', sent: { prefix: 'a*' }, at: 'prefix' },
    { schema: 'ListStreams', sent: { limit: '0' }, at: 'limit' },
    { schema: 'ListStreams', sent: { limit: '1001' }, at: 'limit' },
    { schema: 'ListStreams', sent: { cursor: 'x'.repeat(257) }, at: 'cursor' },
    { schema: 'ReadLogs', sent: { limit: '10001' }, at: 'limit' },
    { schema: 'ReadLogs', sent: { limit: '-1' }, at: 'limit' },
    { schema: 'ReadLogs', sent: { limit: '1e3' }, at: 'limit' },
    { schema: 'ReadLogs', sent: { limit: '0x10' }, at: 'limit' },
    { schema: 'ReadLogs', sent: { limit: '' }, at: 'limit' },
    { schema: 'ReadLogs', sent: { limit: ['5', '6'] }, at: 'limit' },
    { schema: 'ReadLogs', sent: { query: ['a', 'b'] }, at: 'query' },
    { schema: 'ReadLogs', sent: { after: '1.5' }, at: 'after' },
    { schema: 'ReadLogs', sent: { after: '9007199254740992' }, at: 'after' },
    { schema: 'ReadLogs', sent: { after: '1', before: '5' }, at: 'before' },
    { schema: 'ReadLogs', sent: { since: '' }, at: 'since' },
    { schema: 'ReadLogs', sent: { since: '10' }, at: 'since' },
    { schema: 'ReadLogs', sent: { since: '10y' }, at: 'since' },
    { schema: 'ReadLogs', sent: { since: '-10m' }, at: 'since' },
    { schema: 'ReadLogs', sent: { until: '2026-11-20' }, at: 'until' },
    { schema: 'ReadLogs', sent: { until: '2026-02-30T00:00:00Z' }, at: 'until' },
    { schema: 'ReadLogs', sent: { until: ['1h', '2h'] }, at: 'until' },
    { schema: 'EndStream', sent: {}, at: 'status' },
    { schema: 'EndStream', sent: { status: 'running' }, at: 'status' },
    { schema: 'EndStream', sent: { status: 'failed', exitCode: 1, why: 'x' }, at: '' },
    { schema: 'Ingest', sent: {}, at: 'entries' },
    { schema: 'Ingest', sent: { entries: entry(1) }, at: 'entries' },
    { schema: 'Ingest', sent: { entries: [entry(1), { ...entry(2), message: 'a\nb' }] }, at: 'entries.1.message' },
    { schema: 'Ingest', sent: { entries: [], stream: 'runtime:web' }, at: '' },
  ] as const)('$schema refuses $sent at "$at"', ({ schema, sent, at }) => {
    const issues = SCHEMAS[schema].safeParse(sent).error?.issues ?? [];
    expect([...new Set(issues.map(({ path }) => path.join('.')))]).toEqual([at]);
  });

  it('takes 1,000 entries at once and no more', () => {
    const entries = Array.from({ length: LIMITS.ingestEntries }, (_, at) => entry(at));
    expect(Ingest.safeParse({ entries }).success).toBe(true);
    expect(Ingest.safeParse({ entries: [...entries, entry(-1)] }).success).toBe(false);
  });
});
