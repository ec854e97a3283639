import { describe, expect, it } from '@jest/globals';
import type { StreamId } from '@kubidu/contracts';
import { eventually, interfered, InterferedObjects, ManualClock } from '@kubidu/testing';
import type { Interference } from '@kubidu/testing';
import { lineOf } from '@kubidu/testing/log-store.conformance';

import { LogsError } from '../logs-error.ts';
import { MemoryLeases } from '../memory-leases.ts';
import { MemoryLogStore } from '../memory-log-store.ts';
import { Archiver } from './archiver.ts';
import { MemoryArchiveObjects } from './memory-archive-objects.ts';
import { ObjectLogArchive } from './object-log-archive.ts';

const STREAM: StreamId = 'runtime:web';
const { signal } = new AbortController();
const AWAY = new LogsError('UNAVAILABLE', 'the test says so');

interface Tiers {
  readonly hotBytes?: number;
  readonly hotBytesTotal?: number;
  readonly interference?: Interference;
}

function setUp({ hotBytes = 1_000_000, hotBytesTotal = Infinity, interference }: Tiers = {}) {
  const clock = new ManualClock();
  const objects = new InterferedObjects(new MemoryArchiveObjects(clock));
  const archive = new ObjectLogArchive(objects, clock);
  const store = interfered(new MemoryLogStore(clock), interference ?? {});
  const leases = new MemoryLeases(clock);
  const told: string[] = [];
  const open = () =>
    new Archiver({
      ...{ store, archive, leases, hotBytes, hotBytesTotal, clock, random: () => 1 },
      observer: {
        failed: (stream) => void told.push(`${stream} failed`),
        lost: (stream, entries) => void told.push(`${stream} lost ${entries}`),
      },
    });
  const append = (count: number, stream = STREAM) =>
    store.append(
      stream,
      Array.from({ length: count }, () => lineOf('x'.repeat(100))),
    );
  const archived = async (stream = STREAM) => (await archive.range(stream, 0)).lastIndex;
  return { clock, objects, archive, store, leases, told, open, append, archived };
}

describe('Archiver', () => {
  it('archives what is new once it waited for 30 s, everything of it together', async () => {
    const { clock, objects, open, append, archived } = setUp();
    const archiver = open();
    await append(3);
    await archiver.round(signal);
    clock.advance(29_999);
    await append(2);
    await archiver.round(signal);
    expect(await archived()).toBe(0);
    expect(archiver.lagMs).toBe(29_999);
    clock.advance(1);
    await archiver.round(signal);
    expect(await archived()).toBe(5);
    expect(archiver.lagMs).toBe(0);
    const puts = objects.requests.length;
    clock.advance(60_000);
    await archiver.round(signal);
    expect(objects.requests.slice(puts).filter(({ what }) => what === 'put')).toEqual([]);
  });

  it('archives a stream at once when it ends, and leaves the record of its end', async () => {
    const { archive, store, open, append } = setUp();
    await append(3, 'job:1');
    await store.end('job:1', { status: 'failed', exitCode: 3 });
    await open().round(signal);
    const final = { status: 'failed', exitCode: 3, firstIndex: 1, lastIndex: 3, endedAt: '2026-11-20T00:00:00.000Z' };
    expect(await archive.range('job:1', 0)).toEqual({ firstIndex: 1, lastIndex: 3, final });
  });

  it('trims what is beyond the bytes kept, and never what is not archived', async () => {
    const { store, open, append, archived } = setUp({ hotBytes: 2_000 });
    const archiver = open();
    for (let batch = 0; batch < 20; batch++) await append(5);
    await archiver.round(signal);
    await archiver.round(signal);
    const [info] = await store.list({ limit: 1 });
    expect(info?.bytes).toBeLessThanOrEqual(2_600);
    expect(await archived()).toBeGreaterThanOrEqual((info?.firstIndex ?? 0) - 1);
  });

  it('trims nothing while the archive is away, tries again ever later, and then goes on from where it was', async () => {
    const { clock, objects, store, told, open, append, archived } = setUp({ hotBytes: 2_000 });
    const archiver = open();
    await append(100);
    objects.interference.before = () => {
      throw AWAY;
    };
    for (let second = 0; second < 60; second++) {
      await archiver.round(signal);
      clock.advance(1_000);
    }
    expect(told.length).toBeGreaterThan(3);
    expect(told.length).toBeLessThan(10);
    expect((await store.head(STREAM)).firstIndex).toBe(1);
    expect(archiver.lagMs).toBe(60_000);
    objects.interference.before = undefined;
    clock.advance(60_000);
    await archiver.round(signal);
    expect(await archived()).toBe(100);
    expect(archiver.lagMs).toBe(0);
  });

  it('writes the objects of a backlog in their order, and none behind one that could not be written', async () => {
    const { clock, objects, archive, store, told, open, archived } = setUp({ hotBytes: 1e9 });
    const archiver = open();
    const lines = Array.from({ length: 100 }, () => lineOf('x'.repeat(100_000)));
    for (let batch = 0; batch < 5; batch++) await store.append(STREAM, lines);
    const written = (requests: typeof objects.requests) =>
      requests
        .filter(({ what, name }) => what === 'put' && name.endsWith('.gz'))
        .map(({ name }) => name.slice(-35, -9));
    objects.interference.before = ({ what, name }) => {
      if (what === 'put' && /\/000000000201-.*\.gz$/.test(name)) throw AWAY;
    };
    await archiver.round(signal, true);
    expect(await archived()).toBe(200);
    expect(told).toEqual([`${STREAM} failed`]);
    objects.interference.before = undefined;
    clock.advance(60_000);
    await archiver.round(signal, true);
    expect(written(objects.requests)).toEqual([
      '/000000000001-000000000200',
      '/000000000201-000000000400',
      '/000000000201-000000000400',
      '/000000000401-000000000500',
    ]);
    expect(await archive.range(STREAM, 0)).toEqual({ firstIndex: 1, lastIndex: 500 });
  });

  it('counts what was lost before a write that was said to have failed, and not what that archived', async () => {
    const { clock, objects, store, told, open, append, archived } = setUp();
    const archiver = open();
    await append(10);
    objects.interference.after = ({ what, name }) => {
      if (what === 'put' && name.endsWith('.gz')) throw AWAY;
    };
    await append(10);
    await store.trim(STREAM, { through: 10 });
    await archiver.round(signal, true);
    objects.interference.after = undefined;
    await store.trim(STREAM, { through: 20 });
    await append(10);
    clock.advance(60_000);
    await archiver.round(signal, true);
    expect(await archived()).toBe(30);
    expect(told).toEqual(['runtime:web failed', 'runtime:web lost 10']);
  });

  it('counts what left the store before it could be archived, and what expired it does not', async () => {
    const { clock, store, told, open, append, archived } = setUp();
    await append(10);
    await append(10);
    await store.trim(STREAM, { through: 10 });
    await open().round(signal, true);
    expect(await archived()).toBe(20);
    await append(10);
    clock.advance(1);
    await store.trim(STREAM, { storedBefore: clock.now() });
    await append(10);
    await open().round(signal, true);
    expect(await archived()).toBe(40);
    expect(told).toEqual([`${STREAM} lost 10`]);
  });

  it('works alone in the installation, archives the rest when it is closed, and leaves the work to the next', async () => {
    const { clock, open, append, archived } = setUp();
    const [one, two] = [open(), open()];
    one.start();
    await eventually(() => clock.sleeping === 1);
    two.start();
    await eventually(() => clock.sleeping === 2);
    await append(3);
    clock.advance(2_000);
    await eventually(() => clock.sleeping === 2);
    expect(one.lagMs + two.lagMs).toBe(0);
    await one.close();
    await one.close();
    expect(await archived()).toBe(3);
    await append(3);
    await eventually(async () => {
      clock.advance(2_000);
      expect(await archived()).toBe(6);
    });
    await two.close();
    expect(clock.sleeping).toBe(0);
  });

  it('keeps all streams together below their bound, the largest giving first, and none of what is not archived', async () => {
    const { store, objects, open, append, archived } = setUp({ hotBytesTotal: 6_000 });
    const archiver = open();
    for (let batch = 0; batch < 20; batch++) await append(5);
    for (let batch = 0; batch < 4; batch++) await append(5, 'runtime:small');
    const bytes = async () =>
      Object.fromEntries((await store.list({ limit: 9 })).map((info) => [info.stream, info.bytes]));
    const before = await bytes();
    objects.interference.before = () => {
      throw AWAY;
    };
    await archiver.round(signal);
    await archiver.round(signal);
    expect(await bytes()).toEqual(before);
    objects.interference.before = undefined;
    for (let round = 0; round < 4; round++) await archiver.round(signal, true);
    const after = await bytes();
    expect(after['runtime:small']).toBe(before['runtime:small']);
    expect((after[STREAM] ?? 0) + (after['runtime:small'] ?? 0)).toBeLessThan(6_600);
    expect(await archived()).toBe(100);
  });

  it('lets the oldest go unarchived once all streams together have twice their bound and 64 MiB, and counts it', async () => {
    const { clock, store, objects, told, open, archived } = setUp({ hotBytes: 1e9, hotBytesTotal: 8_000_000 });
    const archiver = open();
    objects.interference.before = () => {
      throw AWAY;
    };
    const fill = (stream: StreamId) => store.append(stream, [lineOf('x'.repeat(200_000))]);
    for (let batch = 0; batch < 300; batch++) await fill(STREAM);
    await archiver.round(signal, true);
    await archiver.round(signal);
    expect((await store.head(STREAM)).firstIndex).toBe(1);
    for (let batch = 0; batch < 150; batch++) await fill('runtime:other');
    await archiver.round(signal);
    await archiver.round(signal);
    const infos = await store.list({ limit: 9 });
    const total = infos.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(total).toBeLessThan(84_000_000);
    expect(total).toBeGreaterThan(80_000_000);
    const lost = infos.find(({ stream }) => stream === STREAM)!.firstIndex - 1;
    expect(infos.find(({ stream }) => stream === 'runtime:other')).toMatchObject({ firstIndex: 1 });
    expect(lost).toBeGreaterThan(20);
    objects.interference.before = undefined;
    clock.advance(60_000);
    told.length = 0;
    await archiver.round(signal);
    expect(await archived()).toBe(300);
    expect(told).toEqual([`${STREAM} lost ${lost}`]);
  });

  it('looks at thousands of streams every few seconds, and each second at those that are written to', async () => {
    const lists: { at: number; all: boolean }[] = [];
    const { clock, open, append, archived } = setUp({
      interference: {
        list: (call, { prefix, after }) => {
          if (!after) lists.push({ at: clock.now() - began, all: prefix === undefined });
          return call();
        },
      },
    });
    for (let stream = 0; stream < 2_000; stream++) await append(1, `runtime:idle-${stream}`);
    clock.advance(61_000);
    const archiver = open();
    await append(1, 'job:1');
    const began = clock.now();
    archiver.start();
    for (let second = 0; second < 20; second++) {
      await eventually(() => clock.sleeping === 1);
      clock.advance(1_000);
    }
    expect(lists.filter(({ all }) => all).map(({ at }) => at)).toEqual([0, 4_000, 8_000, 12_000, 16_000]);
    expect(lists.filter(({ all }) => !all).length).toBe(15);
    await archiver.close();
    expect(await archived('job:1')).toBe(1);
  });

  it('does not rest for the time that archiving took', async () => {
    const rounds: number[] = [];
    const { clock, objects, open, append } = setUp({
      hotBytes: 1_000,
      interference: {
        list: (call) => {
          rounds.push(clock.now());
          return call();
        },
      },
    });
    objects.interference.before = () => clock.advance(20_000);
    await append(20);
    const archiver = open();
    archiver.start();
    await eventually(() => clock.sleeping === 1);
    const done = clock.now();
    clock.advance(1_000);
    await eventually(() => rounds.length === 2);
    expect(rounds[1]).toBe(done + 1_000);
    await archiver.close();
  });
});
