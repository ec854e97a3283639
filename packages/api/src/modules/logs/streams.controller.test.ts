import { describe, expect, it } from '@jest/globals';
import { LIMITS } from '@kubidu/contracts';
import { encodeEntry, LogsError, MemoryLogStore } from '@kubidu/core';

import { ApiFixture, entriesFrom } from '../../testing/api-fixture.ts';

const ENTRY = { id: 'a', timestamp: '2026-11-20T23:16:57Z', message: 'hello' };

describe('ingest over HTTP', () => {
  it('stores entries and gives them back with their index, level and id', async () => {
    await using api = await ApiFixture.start();
    const sent = await api.post('/api/streams/job:1/entries', {
      entries: [
        { ...ENTRY, message: 'ERROR it broke', timestamp: '2026-11-21T00:16:57.5+01:00' },
        { ...ENTRY, id: 'b', level: 'DEBUG', stream: 'stderr', context: { userId: 42 } },
      ],
    });
    expect([sent.status, sent.body]).toEqual([200, { accepted: 2, duplicates: 0, lastIndex: 2 }]);
    const read = await api.get('/api/streams/job:1/logs');
    expect(read.body).toEqual({
      entries: [
        { index: 1, id: 'a', timestamp: '2026-11-20T23:16:57.5Z', message: 'ERROR it broke', level: 'ERROR' },
        {
          index: 2,
          id: 'b',
          timestamp: ENTRY.timestamp,
          message: 'hello',
          level: 'DEBUG',
          stream: 'stderr',
          context: { userId: 42 },
        },
      ],
      firstIndex: 1,
      lastIndex: 2,
      gaps: [],
    });
  });

  it('stores an entry once, however often its id is sent', async () => {
    await using api = await ApiFixture.start();
    await api.post('/api/streams/job:1/entries', { entries: entriesFrom(1, 3) });
    const again = await api.post('/api/streams/job:1/entries', {
      entries: [...entriesFrom(2, 3), ...entriesFrom(4, 1)],
    });
    expect(again.body).toEqual({ accepted: 1, duplicates: 3, lastIndex: 4 });
  });

  it('takes an empty list, which creates nothing', async () => {
    await using api = await ApiFixture.start();
    expect((await api.post('/api/streams/job:1/entries', { entries: [] })).body).toEqual({
      accepted: 0,
      duplicates: 0,
      lastIndex: 0,
    });
    expect((await api.get('/api/streams/job:1')).status).toBe(404);
  });

  it('cuts a message of a megabyte and says how much is missing', async () => {
    await using api = await ApiFixture.start();
    await api.post('/api/streams/job:1/entries', { entries: [{ ...ENTRY, message: 'x'.repeat(1_000_000) }] });
    const { body } = await api.get('/api/streams/job:1/logs');
    expect(body['entries']).toEqual([expect.objectContaining({ truncated: 1_000_000 - 256 * 1024 })]);
  });

  it('stores no secret, and counts what it masked', async () => {
    await using api = await ApiFixture.start({ KUBIDU_MASK: 'cust-\\d{8} (?i)pin=\\d+' });
    await api.post('/api/streams/job:1/entries', {
      entries: [
        { ...ENTRY, message: 'postgres://app:pa55@db/app for cust-00000042' },
        { ...ENTRY, id: 'b', location: 'a.ts', context: { query: ['PIN=1234', 42] } },
      ],
    });
    const { body } = await api.get('/api/streams/job:1/logs');
    expect(body['entries']).toEqual([
      { index: 1, ...ENTRY, message: 'postgres://***@db/app for ***' },
      { index: 2, ...ENTRY, id: 'b', location: 'a.ts', context: { query: ['***', 42] } },
    ]);
    expect((await api.get('/metrics')).body['text']).toContain('kubidu_logs_masked_total 3');
  });

  it.each([
    { of: 'no entries', body: {}, field: 'entries' },
    { of: 'entries that are no list', body: { entries: 'x' }, field: 'entries' },
    { of: 'a list instead of an object', body: [], field: '' },
    { of: 'an entry that is no object', body: { entries: [1] }, field: 'entries[0]' },
    { of: 'no timestamp', body: { entries: [ENTRY, { id: 'b', message: 'x' }] }, field: 'entries[1].timestamp' },
    {
      of: 'a timestamp in words',
      body: { entries: [{ ...ENTRY, timestamp: 'today' }] },
      field: 'entries[0].timestamp',
    },
    {
      of: 'a month 13',
      body: { entries: [{ ...ENTRY, timestamp: '2026-13-01T00:00:00Z' }] },
      field: 'entries[0].timestamp',
    },
    { of: 'a number as message', body: { entries: [{ ...ENTRY, message: 7 }] }, field: 'entries[0].message' },
    { of: 'two lines in a message', body: { entries: [{ ...ENTRY, message: 'a\nb' }] }, field: 'entries[0].message' },
    { of: 'an empty id', body: { entries: [{ ...ENTRY, id: '' }] }, field: 'entries[0].id' },
    { of: 'an id of a megabyte', body: { entries: [{ ...ENTRY, id: 'x'.repeat(1_000_000) }] }, field: 'entries[0].id' },
    { of: 'an unknown level', body: { entries: [{ ...ENTRY, level: 'LOUD' }] }, field: 'entries[0].level' },
    { of: 'null for absent', body: { entries: [{ ...ENTRY, level: null }] }, field: 'entries[0].level' },
    { of: 'a field nobody knows', body: { entries: [{ ...ENTRY, colour: 'red' }] }, field: 'entries[0].colour' },
    { of: 'a system stream', body: { entries: [{ ...ENTRY, stream: 'system' }] }, field: 'entries[0].stream' },
  ])('refuses $of and names the field', async ({ body, field }) => {
    await using api = await ApiFixture.start();
    const answer = await api.post('/api/streams/job:1/entries', body);
    expect([answer.status, answer.body.error?.code]).toEqual([400, 'INVALID_ARGUMENT']);
    expect(answer.body.error?.details?.map((detail) => detail.field)).toEqual([field]);
  });

  it('stores nothing of a request that has one mistake', async () => {
    await using api = await ApiFixture.start();
    await api.post('/api/streams/job:1/entries', { entries: [ENTRY, { ...ENTRY, id: 'b', timestamp: '' }] });
    expect((await api.get('/api/streams/job:1/logs')).status).toBe(404);
  });

  it.each([
    { of: '1,001 entries', body: JSON.stringify({ entries: entriesFrom(1, 1_001) }) },
    { of: 'more than a mebibyte', body: JSON.stringify({ entries: [{ ...ENTRY, message: 'x'.repeat(1024 * 1024) }] }) },
  ])('refuses $of as too large', async ({ body }) => {
    await using api = await ApiFixture.start();
    const answer = await api.ask('POST', '/api/streams/job:1/entries', { body });
    expect([answer.status, answer.body.error?.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  it.each([
    { of: 'a body that is no JSON', body: '{"entries":', type: 'application/json' },
    { of: 'an empty body', body: '', type: 'application/json' },
    { of: 'a form', body: 'entries=1', type: 'application/x-www-form-urlencoded' },
    { of: 'text', body: '{"entries":[]}', type: 'text/plain' },
    { of: 'an unknown charset', body: '{"entries":[]}', type: 'application/json; charset=klingon' },
  ])('refuses $of', async ({ body, type }) => {
    await using api = await ApiFixture.start();
    const answer = await api.ask('POST', '/api/streams/job:1/entries', { body, headers: { 'content-type': type } });
    expect([answer.status, answer.body.error?.code]).toEqual([400, 'INVALID_ARGUMENT']);
  });
});

describe('ending a stream over HTTP', () => {
  it('ends it once: the same outcome again is harmless, another one a conflict, an append too', async () => {
    await using api = await ApiFixture.start();
    await api.post('/api/streams/build:1/entries', { entries: entriesFrom(1, 2) });
    const ended = await api.post('/api/streams/build:1/end', { status: 'failed', exitCode: 3 });
    expect([ended.status, ended.body]).toEqual([
      200,
      { stream: 'build:1', lastIndex: 2, status: 'failed', exitCode: 3 },
    ]);
    expect((await api.post('/api/streams/build:1/end', { status: 'failed', exitCode: 3 })).status).toBe(200);
    const other = await api.post('/api/streams/build:1/end', { status: 'succeeded' });
    expect([other.status, other.body.error?.code]).toEqual([409, 'CONFLICT']);
    expect((await api.post('/api/streams/build:1/entries', { entries: entriesFrom(3, 1) })).status).toBe(409);
    expect((await api.get('/api/streams/build:1')).body).toMatchObject({ ended: { status: 'failed', exitCode: 3 } });
  });

  it.each([
    { stream: 'runtime:web', body: { status: 'failed' }, field: 'stream' },
    { stream: 'job:1', body: {}, field: 'status' },
    { stream: 'job:1', body: { status: 'done' }, field: 'status' },
    { stream: 'job:1', body: { status: 'failed', exitCode: '1' }, field: 'exitCode' },
    { stream: 'job:1', body: { status: 'failed', why: 'x' }, field: 'why' },
  ])('refuses to end $stream with $body', async ({ stream, body, field }) => {
    await using api = await ApiFixture.start();
    const answer = await api.post(`/api/streams/${stream}/end`, body);
    expect([answer.status, answer.body.error?.details?.[0]?.field]).toEqual([400, field]);
  });
});

describe('reading a page over HTTP', () => {
  it.each([
    { query: '', indexes: [1, 2, 3, 4, 5, 6], next: undefined, previous: undefined },
    { query: '?limit=4', indexes: [1, 2, 3, 4], next: 4, previous: undefined },
    { query: '?after=4&limit=4', indexes: [5, 6], next: undefined, previous: 5 },
    { query: '?after=2&limit=2', indexes: [3, 4], next: 4, previous: 3 },
    { query: '?before=6&limit=2', indexes: [4, 5], next: 5, previous: 4 },
    { query: '?before=3', indexes: [1, 2], next: 2, previous: undefined },
    { query: '?before=1', indexes: [], next: 0, previous: undefined },
    { query: '?before=0', indexes: [], next: 0, previous: undefined },
    { query: '?after=6', indexes: [], next: undefined, previous: 7 },
    { query: '?after=100', indexes: [], next: undefined, previous: 7 },
    { query: '?before=9007199254740991&limit=1', indexes: [6], next: undefined, previous: 6 },
  ])('reads $indexes for "$query"', async ({ query, indexes, next, previous }) => {
    await using api = await ApiFixture.start();
    await api.post('/api/streams/runtime:web/entries', { entries: entriesFrom(1, 3) });
    await api.post('/api/streams/runtime:web/entries', { entries: entriesFrom(4, 3) });
    const { body } = await api.get(`/api/streams/runtime:web/logs${query}`);
    expect((body['entries'] as { index: number }[]).map(({ index }) => index)).toEqual(indexes);
    expect([body['next'], body['previous']]).toEqual([next, previous]);
  });

  it.each([
    { query: 'even', more: '', indexes: [2, 4, 6], next: undefined, previous: undefined },
    { query: 'even', more: '&limit=2', indexes: [2, 4], next: 4, previous: undefined },
    { query: 'even', more: '&after=4&limit=2', indexes: [6], next: undefined, previous: 5 },
    { query: 'even', more: '&before=6&limit=1', indexes: [4], next: 5, previous: 4 },
    { query: 'even', more: '&before=4&limit=2', indexes: [2], next: 3, previous: undefined },
    { query: 'even', more: '&before=9007199254740991&limit=1', indexes: [6], next: undefined, previous: 6 },
    { query: 'neither', more: '', indexes: [], next: undefined, previous: undefined },
    { query: 'neither', more: '&after=2', indexes: [], next: undefined, previous: 3 },
    { query: '', more: '&limit=2', indexes: [1, 2], next: 2, previous: undefined },
  ])('finds $indexes for "$query" with "$more"', async ({ query, more, indexes, next, previous }) => {
    await using api = await ApiFixture.start();
    const entries = entriesFrom(1, 6).map((entry, at) => ({ ...entry, message: at % 2 === 0 ? 'odd' : 'even' }));
    await api.post('/api/streams/runtime:web/entries', { entries: entries.slice(0, 3) });
    await api.post('/api/streams/runtime:web/entries', { entries: entries.slice(3) });
    const { body } = await api.get(`/api/services/web/logs?query=${query}${more}`);
    expect((body['entries'] as { index: number }[]).map(({ index }) => index)).toEqual(indexes);
    expect([body['next'], body['previous'], body['lastIndex']]).toEqual([next, previous, 6]);
  });

  it.each([
    { more: 'since=2026-11-20T10:00:03Z', indexes: [3, 4, 6], previous: undefined },
    { more: 'until=2026-11-20T10:00:03Z', indexes: [1, 2, 5], previous: undefined },
    { more: 'since=2026-11-20T10:00:02Z&until=2026-11-20T10:00:04Z', indexes: [2, 3, 5, 6], previous: undefined },
    { more: 'since=2026-11-20T12:00:03%2B02:00&query=even', indexes: [4, 6], previous: undefined },
    { more: 'since=2026-11-20T10:00:03Z&before=6&limit=1', indexes: [4], previous: 4 },
    { more: 'since=10m', indexes: [], previous: undefined },
    { more: 'until=10m', indexes: [1, 2, 3, 4, 5, 6], previous: undefined },
  ])('finds $indexes of clocks that differ for "$more"', async ({ more, indexes, previous }) => {
    await using api = await ApiFixture.start();
    const seconds = ['01', '02', '03', '04', '02.999999999', '03.000'];
    const entries = entriesFrom(1, 6).map((entry, at) => ({
      ...entry,
      timestamp: `2026-11-20T10:00:${seconds[at]}Z`,
      message: at % 2 === 0 ? 'odd' : 'even',
    }));
    await api.post('/api/streams/runtime:web/entries', { entries });
    const { body } = await api.get(`/api/services/web/logs?${more}`);
    expect((body['entries'] as { index: number }[]).map(({ index }) => index)).toEqual(indexes);
    expect(body['previous']).toBe(previous);
  });

  it('says where to go on where it has looked at enough and found nothing', async () => {
    await using api = await ApiFixture.start();
    const line = encodeEntry({ timestamp: '2026-11-20T23:16:57Z', message: 'a' });
    for (let at = 0; at < LIMITS.scanEntries; at += 1_000)
      await api.store.append(
        'runtime:web',
        Array.from({ length: 1_000 }, () => line),
      );
    await api.post('/api/streams/runtime:web/entries', { entries: entriesFrom(1, 1) });
    const first = await api.get('/api/services/web/logs?query=line');
    expect(first.body).toMatchObject({ entries: [], next: LIMITS.scanEntries });
    const second = await api.get(`/api/services/web/logs?query=line&after=${LIMITS.scanEntries}`);
    expect(second.body).toMatchObject({ entries: [{ index: LIMITS.scanEntries + 1 }] });
    expect(second.body['next']).toBeUndefined();
  });

  it('refuses a query that does not parse, with the column', async () => {
    await using api = await ApiFixture.start();
    const { status, body } = await api.get(`/api/services/web/logs?query=${encodeURIComponent('level:loud')}`);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'INVALID_ARGUMENT', details: [{ field: 'query', column: 7 }] });
  });

  it('tells what can no longer be had', async () => {
    await using api = await ApiFixture.start();
    for (const first of [1, 3, 5])
      await api.post('/api/streams/runtime:web/entries', { entries: entriesFrom(first, 2) });
    await api.store.trim('runtime:web', { through: 4 });
    const { body } = await api.get('/api/services/web/logs');
    expect(body).toMatchObject({ firstIndex: 5, lastIndex: 6, gaps: [{ from: 1, to: 4, reason: 'trimmed' }] });
    expect(body['previous']).toBeUndefined();
  });

  it.each([
    '?limit=0',
    '?limit=10001',
    '?limit=-1',
    '?limit=x',
    '?after=1.5',
    '?after=1&before=2',
    '?after=1&after=2',
    '?query=(x',
    '?query=x&query=y',
    '?since=10',
    '?since=yesterday',
    '?until=2026-11-31T00:00:00Z',
    '?since=10m&until=20m',
  ])('refuses %s', async (query) => {
    await using api = await ApiFixture.start();
    const answer = await api.get(`/api/streams/job:1/logs${query}`);
    expect([answer.status, answer.body.error?.code]).toEqual([400, 'INVALID_ARGUMENT']);
    expect(answer.body.error?.details).toHaveLength(1);
  });

  it('takes the colon of a stream plain or encoded, and its id under each kind', async () => {
    await using api = await ApiFixture.start();
    for (const kind of ['runtime', 'build', 'job', 'bot'])
      await api.post(`/api/streams/${kind}%3Ax/entries`, { entries: entriesFrom(1, 1) });
    const paths = [
      '/api/streams/job:x/logs',
      '/api/streams/job%3ax/logs',
      '/api/services/x/logs',
      '/api/deployments/x/logs',
      '/api/jobs/x/logs',
      '/api/bots/x/logs',
    ];
    for (const path of paths) expect([path, (await api.get(path)).status]).toEqual([path, 200]);
  });

  it.each([
    'nothing',
    'pod:x',
    'job:',
    'job:-x',
    'job:a%2Fb',
    'job:a%20b',
    `job:${'x'.repeat(129)}`,
    'job:x%00',
    'job:%E0%A4%A',
  ])('refuses %s as the name of a stream', async (name) => {
    await using api = await ApiFixture.start();
    const answer = await api.get(`/api/streams/${name}/logs`);
    expect([answer.status, answer.body.error?.code]).toEqual([400, 'INVALID_ARGUMENT']);
  });
});

describe('listing streams', () => {
  it('pages through them in the order of their names', async () => {
    await using api = await ApiFixture.start();
    const names = ['bot:a', 'job:a', 'job:b', 'job:ba', 'runtime:a'];
    for (const name of names) await api.post(`/api/streams/${name}/entries`, { entries: entriesFrom(1, 1) });
    const seen: unknown[] = [];
    let cursor = '';
    for (let pages = 0; pages < 3; pages++) {
      const { body } = await api.get(`/api/streams?limit=2${cursor}`);
      seen.push(...(body['streams'] as { stream: string }[]).map(({ stream }) => stream));
      cursor = `&cursor=${encodeURIComponent(String(body['next']))}`;
      if (pages === 2) expect(body['next']).toBeUndefined();
    }
    expect(seen).toEqual(names);
    const some = await api.get('/api/streams?kind=job&prefix=b');
    expect(some.body['streams']).toEqual([
      expect.objectContaining({ stream: 'job:b', firstIndex: 1, lastIndex: 1 }),
      expect.objectContaining({ stream: 'job:ba' }),
    ]);
  });

  it.each(['?kind=pod', '?limit=1001', '?cursor=x', '?prefix=a%2Fb'])('refuses %s', async (query) => {
    await using api = await ApiFixture.start();
    expect((await api.get(`/api/streams${query}`)).status).toBe(400);
  });
});

describe('faults', () => {
  it('tells that the store is away, when to come again, and nothing of its insides', async () => {
    const store = new MemoryLogStore();
    store.read = () =>
      Promise.reject(new LogsError('UNAVAILABLE', 'the store is away', { cause: new Error('10.0.0.1') }));
    await using api = await ApiFixture.start({}, { store });
    const answer = await api.get('/api/streams/job:1/logs');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(answer.body.error).toEqual({ code: 'UNAVAILABLE', message: 'the store is away' });
  });

  it('answers a defect with a request id and never with a stack', async () => {
    const store = new MemoryLogStore();
    store.read = () => Promise.reject(new TypeError('secret insides'));
    await using api = await ApiFixture.start({}, { store });
    const answer = await api.get('/api/streams/job:1/logs');
    expect(answer.status).toBe(500);
    expect(answer.body.error).toEqual({
      code: 'INTERNAL',
      message: 'something went wrong on our side',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });
});
