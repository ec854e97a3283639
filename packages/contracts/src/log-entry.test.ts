import { describe, expect, it } from '@jest/globals';

import { LEVELS } from './levels.ts';
import { IngestEntry, LogEntry, LogEvent, NewEntry, Outcome } from './log-entry.ts';

const TIME = '2026-11-20T23:16:57.856942694Z';
const ingest = (more: object) => IngestEntry.safeParse({ id: 'a', timestamp: TIME, message: 'hello', ...more });

describe('a timestamp', () => {
  it.each([
    TIME,
    '2026-11-20T23:16:57Z',
    '2026-11-20T23:16:57.8Z',
    '2026-11-20t23:16:57z',
    '2026-11-20T23:16:57+05:30',
    '2026-11-20T23:16:57.000000001-23:59',
    '2024-02-29T00:00:00Z',
    '2000-02-29T00:00:00Z',
    '2016-12-31T23:59:60Z',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
  ])('may be %s', (timestamp) => {
    expect(ingest({ timestamp }).success).toBe(true);
  });

  it.each([
    '',
    'now',
    '1700000000',
    '2026-11-20',
    '2026-11-20 23:16:57Z',
    '2026-11-20T23:16:57',
    '2026-11-20T23:16Z',
    '2026-13-20T23:16:57Z',
    '2026-00-20T23:16:57Z',
    '2026-11-00T23:16:57Z',
    '2026-11-31T23:16:57Z',
    '2026-02-29T23:16:57Z',
    '1900-02-29T00:00:00Z',
    '2026-11-20T24:00:00Z',
    '2026-11-20T23:60:00Z',
    '2026-11-20T23:16:61Z',
    '2026-11-20T23:16:57.Z',
    '2026-11-20T23:16:57.0123456789Z',
    '2026-11-20T23:16:57+0530',
    '2026-11-20T23:16:57+24:00',
    '2026-11-20T23:16:57Z\n',
    '12026-11-20T23:16:57Z',
    '２026-11-20T23:16:57Z',
    `2026-11-20T23:16:57.${'0'.repeat(1_000_000)}Z`,
    1_700_000_000,
    null,
  ])('is not %p', (timestamp) => {
    expect(ingest({ timestamp }).success).toBe(false);
  });
});

describe('an entry to ingest', () => {
  it.each([
    { what: 'an empty message', more: { message: '' } },
    { what: 'a megabyte of message, which is cut later', more: { message: 'x'.repeat(1 << 20) } },
    { what: 'NUL, escapes and a carriage return', more: { message: '\0\x1b[31mred\x1b[0m\r' } },
    { what: 'every field there is', more: full() },
    ...LEVELS.map((level) => ({ what: `the level ${level}`, more: { level } })),
  ])('takes $what', ({ more }) => {
    const parsed = ingest(more);
    expect(parsed.data).toEqual({ id: 'a', timestamp: TIME, message: 'hello', ...more });
  });

  it.each([
    { what: 'no id', more: { id: undefined }, at: 'id' },
    { what: 'an empty id', more: { id: '' }, at: 'id' },
    { what: 'an id of 129', more: { id: 'x'.repeat(129) }, at: 'id' },
    { what: 'a number as id', more: { id: 1 }, at: 'id' },
    { what: 'no message', more: { message: undefined }, at: 'message' },
    { what: 'a message of null', more: { message: null }, at: 'message' },
    { what: 'a message of bytes', more: { message: [104, 105] }, at: 'message' },
    { what: 'two lines', more: { message: 'a\nb' }, at: 'message' },
    { what: 'a line feed at the end', more: { message: 'a\n' }, at: 'message' },
    { what: 'a level in small letters', more: { level: 'info' }, at: 'level' },
    { what: 'a level of null', more: { level: null }, at: 'level' },
    { what: 'the stream system, which is ours', more: { stream: 'system' }, at: 'stream' },
    { what: 'a restart of -1', more: { restart: -1 }, at: 'restart' },
    { what: 'half a step', more: { step: 0.5 }, at: 'step' },
    { what: 'a step as text', more: { step: '4' }, at: 'step' },
    { what: 'a pod name of 1,025', more: { podName: 'x'.repeat(1_025) }, at: 'podName' },
    { what: 'a context that is a list', more: { context: [] }, at: 'context' },
    { what: 'an index, which only we give', more: { index: 1 }, at: '' },
    { what: 'an event, which only we write', more: { event: { type: 'pod-deleted' } }, at: '' },
    { what: 'a field that nobody knows', more: { colour: 'red' }, at: '' },
  ])('refuses $what and names the field', ({ more, at }) => {
    const parsed = ingest(more);
    expect(parsed.error?.issues.map(({ path }) => path.join('.'))).toEqual([at]);
  });

  it.each([null, undefined, 'a line', 7, []])('is not %p', (entry) => {
    expect(IngestEntry.safeParse(entry).success).toBe(false);
  });

  function full() {
    return {
      ...{ stream: 'stderr', level: 'WARN', podName: 'web-7d9f-x2k', container: 'app', restart: 0, step: 4 },
      ...{
        state: 'IN_CALL',
        location: 'caller.ts:120',
        context: { userId: 42, deep: { a: [null] } },
        elapsed: '+5m30s',
      },
    };
  }
});

describe('a stored entry', () => {
  it('has an index from 1 on', () => {
    expect(LogEntry.safeParse({ index: 1, timestamp: TIME, message: '' }).success).toBe(true);
    for (const index of [0, -1, 1.5, '1', undefined])
      expect(LogEntry.safeParse({ index, timestamp: TIME, message: '' }).success).toBe(false);
  });

  it('needs nothing but its time and its message before it has one', () => {
    expect(NewEntry.parse({ timestamp: TIME, message: '' })).toEqual({ timestamp: TIME, message: '' });
  });
});

describe('an event', () => {
  it.each([
    { type: 'container-started' },
    { type: 'container-started', restart: 3, image: 'web:1' },
    { type: 'container-exited', exitCode: 137, reason: 'OOMKilled', signal: 9, restart: 0 },
    { type: 'container-exited', exitCode: 143, reason: 'Error', signal: 'SIGTERM', restart: 2 },
    { type: 'pod-deleted' },
    { type: 'lost', reason: 'rotated' },
    { type: 'lost', reason: 'rotated', lines: 12, podName: 'web-1', container: 'app' },
  ])('may be %j', (event) => {
    expect(LogEvent.parse(event)).toEqual(event);
  });

  it.each([
    {},
    { type: 'exploded' },
    { type: 'container-exited', reason: 'Error', restart: 0 },
    { type: 'container-exited', exitCode: 1, reason: 'Error' },
    { type: 'lost' },
    { type: 'lost', reason: 'rotated', lines: -1 },
  ])('is not %j', (event) => {
    expect(LogEvent.safeParse(event).success).toBe(false);
  });
});

describe('an outcome', () => {
  it.each([
    { status: 'succeeded' },
    { status: 'succeeded', exitCode: 0 },
    { status: 'failed', exitCode: 255 },
    { status: 'failed', exitCode: -9 },
    { status: 'cancelled' },
    { status: 'lost' },
  ])('may be %j', (outcome) => {
    expect(Outcome.parse(outcome)).toEqual(outcome);
  });

  it.each([
    {},
    { status: 'running' },
    { status: 'failed', exitCode: 256 },
    { status: 'failed', exitCode: 0.5 },
    { status: 'failed', exitCode: '1' },
  ])('is not %j', (outcome) => {
    expect(Outcome.safeParse(outcome).success).toBe(false);
  });
});
