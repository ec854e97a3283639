import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, RecordingSink, seededRandom } from '@kubidu/testing';

import { SpoolingWriter } from './spooling-writer.ts';

const line = (message: string) => ({ timestamp: '2026-11-20T10:00:00Z', message });

describe('SpoolingWriter', () => {
  let folder: string;
  let sink: RecordingSink;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubidu-spool-test-'));
    sink = new RecordingSink();
  });
  afterEach(() => rm(folder, { recursive: true }));

  const messages = () => sink.entries.map(({ message }) => message);

  it('hands over at once while there is room, without a file', async () => {
    const writer = new SpoolingWriter(sink.open('build', {}), { folder });
    writer.lines([line('a'), line('b')], '1', 'stdout', 4);
    await writer.ready();
    expect(messages()).toEqual(['a', 'b']);
    expect(writer.isSpooling).toBe(false);
    await writer.close();
  });

  it('keeps what comes while there is no room, in order, in a file that nobody else can open', async () => {
    const writer = new SpoolingWriter(sink.open('build', {}), { folder });
    const release = sink.hold();
    await writer.ready();
    expect(writer.isSpooling).toBe(true);
    const random = seededRandom(7);
    const expected: string[] = [];
    for (let at = 0; at < 2_000; at++) {
      const message = `${at} ${'x'.repeat(Math.floor(random() * 2_000))}`;
      expected.push(message);
      writer.lines([line(message)], String(at), at % 2 ? 'stderr' : 'stdout', at % 5);
      if (at % 400 === 0) {
        writer.event({ type: 'lost', reason: `event ${at}` }, String(at), '2026-11-20T10:00:00Z');
        expected.push('lost');
      }
      await writer.ready();
    }
    expect(sink.entries).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
    release();
    await writer.flush();
    expect(messages()).toEqual(expected);
    expect(sink.entries[1]).toMatchObject({ message: 'lost', event: { reason: 'event 0' } });
    expect(sink.entries[2]).toMatchObject({ stream: 'stderr' });
    writer.lines([line('direct again')], '9', 'stdout', 1);
    expect(messages().at(-1)).toBe('direct again');
    await writer.close();
  });

  it('takes in and hands over at the same time, in order', async () => {
    const writer = new SpoolingWriter(sink.open('build', {}), { folder });
    const release = sink.hold();
    await writer.ready();
    for (let at = 0; at < 5_000; at++) {
      if (at === 2_500) release();
      writer.lines([line(String(at))], String(at), 'stdout', 1);
      if (at % 100 === 0) await writer.ready();
    }
    await writer.flush();
    expect(messages()).toEqual(Array.from({ length: 5_000 }, (_, at) => String(at)));
    await writer.close();
  });

  it('says once how many lines its bound has cost, in their place', async () => {
    const writer = new SpoolingWriter(sink.open('build', {}), { folder, maxBytes: 64 * 1024 });
    const release = sink.hold();
    await writer.ready();
    for (let at = 0; at < 2_000; at++) {
      writer.lines([line(`${at} ${'x'.repeat(100)}`)], String(at), 'stdout', 1);
      if (at % 100 === 0) await writer.ready();
    }
    writer.event({ type: 'build-finished', status: 'succeeded' }, '2000');
    release();
    await writer.flush();
    const kept = sink.entries.filter(({ stream }) => stream === 'stdout').length;
    expect(kept).toBeGreaterThan(100);
    expect(messages().slice(0, kept)).toEqual(Array.from({ length: kept }, (_, at) => `${at} ${'x'.repeat(100)}`));
    expect(sink.entries.slice(kept).map(({ event }) => event)).toEqual([
      { type: 'lost', lines: 2_000 - kept, reason: 'the store was away and the spool of 1 MiB was full' },
      { type: 'build-finished', status: 'succeeded' },
    ]);
    await writer.close();
  });

  it('counts as lost what cannot be written to the disk, and goes on', async () => {
    const writer = new SpoolingWriter(sink.open('build', {}), { folder: join(folder, 'not there') });
    const release = sink.hold();
    await writer.ready();
    writer.lines([line('a'), line('b')], '1', 'stdout', 1);
    await writer.ready();
    release();
    await writer.flush();
    expect(sink.entries).toMatchObject([
      { event: { type: 'lost', lines: 2, reason: expect.stringMatching(/could not be written/) } },
    ]);
    writer.lines([line('c')], '2', 'stdout', 1);
    expect(messages()).toEqual(['lost', 'c']);
    await writer.close();
  });

  it('keeps a message of the greatest length whole', async () => {
    const writer = new SpoolingWriter(sink.open('build', {}), { folder });
    const release = sink.hold();
    await writer.ready();
    const longest = '\u0001'.repeat(256 * 1024);
    writer.lines([line(longest), line('next')], '1', 'stdout', 1);
    release();
    await writer.flush();
    expect(messages()).toEqual([longest, 'next']);
    await writer.close();
  });

  it('fails as the writer behind it does', async () => {
    const writer = new SpoolingWriter(sink.open('build', {}), { folder });
    const release = sink.hold();
    await writer.ready();
    sink.fail();
    release();
    await eventually(() => expect(writer.ready()).rejects.toMatchObject({ code: 'CONFLICT' }));
    await expect(writer.flush()).rejects.toMatchObject({ code: 'CONFLICT' });
    await writer.close();
  });
});
