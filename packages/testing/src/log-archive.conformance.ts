import { gunzipSync } from 'node:zlib';

import { describe, expect, it } from '@jest/globals';
import type { StreamId } from '@kubidu/contracts';
import { Batch, encodeEntry, LogsError, ObjectLogArchive, Passed, QueryFilter, TimeRange } from '@kubidu/core';
import type { ArchiveObjects, Clock, LogArchive, Sieve, Sifted } from '@kubidu/core';
import { compile } from '@kubidu/query';

import { eventually } from './eventually.ts';
import { InterferedObjects } from './interfered-objects.ts';
import { ManualClock } from './manual-clock.ts';
import { seededRandom } from './seeded-random.ts';

const DAY_MS = 86_400_000;

/** An empty place for objects, and how to look at it as another process would. */
export interface OpenedObjects extends AsyncDisposable {
  readonly objects: ArchiveObjects;
}

const STREAM: StreamId = 'runtime:web';
const { signal } = new AbortController();
const AWAY = new LogsError('UNAVAILABLE', 'the test says so');

/** Entries whose message is their index. */
function numbered(from: number, to: number): Batch {
  const lines = Array.from({ length: to - from + 1 }, (_, at) => lineOf(String(from + at)));
  return new Batch(from, lines);
}

function lineOf(message: string): string {
  return encodeEntry({ timestamp: '2026-11-20T23:16:57.856942694Z', message, level: 'INFO' });
}

/** 70 KB that say their index, also as a word that no other line has, and pack badly enough to be no small object. */
function largeLine(index: number): string {
  const random = seededRandom(index);
  const noise = Array.from({ length: 8_000 }, () => Math.floor(random() * 1e12).toString(36));
  return lineOf(`${index} #${index}# ${noise.join(' ')}`);
}

const timeOf = (second: number) => new Date(Date.UTC(2026, 10, 20) + second * 1_000).toISOString();

function timed(second: number, message: string): string {
  return encodeEntry({ timestamp: timeOf(second), message });
}

/** Sifts until there is no more. */
async function sifted(archive: LogArchive, from: { after: number } | { before: number }, sieve?: Sieve) {
  let range = from;
  let parts: Sifted['parts'] = [];
  for (;;) {
    const one = await archive.sift(STREAM, { ...range, limit: 10_000, sieve });
    parts = 'after' in range ? [...parts, ...one.parts] : [...one.parts, ...parts];
    if (one.whole) return { parts, whole: true };
    range = 'after' in range ? { after: parts.at(-1)?.last ?? 0 } : { before: parts[0]?.first ?? 0 };
  }
}

/** Indexes of entries, each checked to carry its own number. */
function indexes(batches: readonly Batch[]): number[] {
  return batches.flatMap((batch) =>
    batch.entries().map(({ index, message }) => (message.startsWith(String(index)) ? index : NaN)),
  );
}

const sequence = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);

/** What was passed over and what was not, in ranges that are as long as they can be. */
function joined(parts: Sifted['parts']) {
  const ranges: { first: number; last: number; isPassed: boolean }[] = [];
  for (const part of parts) {
    const isPassed = part instanceof Passed;
    const before = ranges.at(-1);
    if (before?.isPassed === isPassed) before.last = part.last;
    else ranges.push({ first: part.first, last: part.last, isPassed });
  }
  return ranges;
}

/** The bytes of all objects that hold entries, in their order. */
async function dataOf({ objects }: { objects: ArchiveObjects }): Promise<Buffer[]> {
  const names = (await objects.list('logs/')).map(({ name }) => name).filter((name) => name.endsWith('.jsonl.gz'));
  return Promise.all(names.map(async (name) => Buffer.from((await objects.get(name)) ?? '')));
}

/** What every archive does, whatever keeps its objects. `open` gives an empty place of which this suite disposes. */
export function describeLogArchive(adapter: string, open: () => Promise<OpenedObjects>): void {
  /** An archive whose requests a test may count and fail. */
  async function opened(clock?: Clock) {
    const place = await open();
    const objects = new InterferedObjects(place.objects);
    const archive = new ObjectLogArchive(objects, clock);
    const other = () => new ObjectLogArchive(new InterferedObjects(place.objects), clock);
    return { objects, archive, other, place, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
  }

  describe(`${adapter} as a LogArchive`, () => {
    it.each([
      { range: { after: 0, limit: 100 }, expected: sequence(1, 9) },
      { range: { after: 0, limit: 4 }, expected: sequence(1, 4) },
      { range: { after: 2, limit: 3 }, expected: sequence(3, 5) },
      { range: { after: 8, limit: 3 }, expected: [9] },
      { range: { after: 9, limit: 3 }, expected: [] },
      { range: { before: 100, limit: 2 }, expected: [8, 9] },
      { range: { before: 9, limit: 3 }, expected: sequence(6, 8) },
      { range: { before: 5, limit: 100 }, expected: sequence(1, 4) },
      { range: { before: 1, limit: 5 }, expected: [] },
    ])('reads $range of objects of 3, 4 and 2 entries', async ({ range, expected }) => {
      await using place = await opened();
      await place.archive.write(STREAM, [numbered(1, 1), numbered(2, 3)]);
      await place.archive.write(STREAM, [numbered(4, 7)]);
      await place.archive.write(STREAM, [numbered(8, 9)]);
      expect(indexes(await place.archive.read(STREAM, range))).toEqual(expected);
      expect(indexes(await place.other().read(STREAM, range))).toEqual(expected);
    });

    it('has nothing of a stream that it does not know, and does nothing with nothing', async () => {
      await using place = await opened();
      expect(await place.archive.write(STREAM, [])).toBeUndefined();
      expect(await place.archive.range(STREAM, 0)).toEqual({ firstIndex: 1, lastIndex: 0 });
      expect(await place.archive.read(STREAM, { after: 0, limit: 5 })).toEqual([]);
      await place.archive.merge(STREAM, signal);
      await place.archive.expire(Date.now(), signal);
    });

    it('takes batches as they come and says up to where, and archives nothing of those that break off', async () => {
      await using place = await opened();
      async function* coming(breaksOff: boolean) {
        yield numbered(1, 3);
        // Somebody else has to be able to work in between, as with a store that is read.
        await new Promise((resolve) => setImmediate(resolve));
        if (breaksOff) throw AWAY;
        yield numbered(4, 5);
      }
      await expect(place.archive.write(STREAM, coming(true))).rejects.toBe(AWAY);
      expect(await place.archive.range(STREAM, 0)).toEqual({ firstIndex: 1, lastIndex: 0 });
      expect(await place.archive.write(STREAM, coming(false))).toBe(5);
      expect(indexes(await place.archive.read(STREAM, { after: 0, limit: 9 }))).toEqual(sequence(1, 5));
    });

    it.each([
      { what: 'every kind of character', message: 'tab\t nul\0 quote" back\\ é 漢 👩‍👩‍👧 \u2028 \ufeff \x1b[31mred' },
      { what: 'line feeds of its own', message: 'a\nb\r\nc\rd' },
      { what: 'nothing in it', message: '' },
    ])('gives back a message with $what as it was', async ({ message }) => {
      await using place = await opened();
      const lines = ['before', message, 'after'].map(lineOf);
      await place.archive.write(STREAM, [new Batch(7, lines)]);
      expect(await place.archive.read(STREAM, { after: 0, limit: 5 })).toEqual([new Batch(7, lines)]);
    });

    it('keeps streams apart whose names begin alike', async () => {
      await using place = await opened();
      await place.archive.write('runtime:web', [numbered(1, 1)]);
      await place.archive.write('runtime:web2', [numbered(1, 2)]);
      await place.archive.write('job:web', [numbered(1, 3)]);
      for (const [stream, lastIndex] of [
        ['runtime:web', 1],
        ['runtime:web2', 2],
        ['job:web', 3],
      ] as const)
        expect(await place.archive.range(stream, 0)).toEqual({ firstIndex: 1, lastIndex });
    });

    it('leaves gzip of JSON lines with their index, under names in the order of indexes, each with its index file', async () => {
      await using place = await opened();
      await place.archive.write(STREAM, [numbered(1, 3)]);
      await place.archive.write(STREAM, [numbered(4, 5)]);
      const day = /^logs\/runtime\/web\/\d{4}-\d\d-\d\d\//;
      const names = (await place.objects.list('logs/')).map(({ name }) => name);
      expect(names.every((name) => day.test(name))).toBe(true);
      expect(names.map((name) => name.replace(day, ''))).toEqual([
        ...['000000000001-000000000003.idx', '000000000001-000000000003.jsonl.gz'],
        ...['000000000004-000000000005.idx', '000000000004-000000000005.jsonl.gz'],
      ]);
      const content = await place.objects.get(names[3] ?? '');
      const lines = gunzipSync(content ?? '')
        .toString()
        .trimEnd()
        .split('\n');
      expect(lines.map((line) => (JSON.parse(line) as { index: number }).index)).toEqual([4, 5]);
      const beside = Buffer.from((await place.objects.get(names[2] ?? '')) ?? '').toString('latin1');
      const index: unknown = JSON.parse(beside.slice(0, beside.indexOf('\n')));
      const from = Date.parse('2026-11-20T23:16:57.856Z');
      expect(index).toMatchObject({
        ...{ version: 2, first: 4, last: 5, size: content?.byteLength },
        members: [{ offset: 0, first: 4, from, to: from + 1, levels: { INFO: 2 } }],
      });
    });

    describe('with objects of many members', () => {
      const pad = Array.from({ length: 1_000 }, (_, at) => (at * 7_919).toString(36)).join('');
      const large = (from: number, to: number) =>
        new Batch(
          from,
          sequence(from, to).map((index) => lineOf(`${index} ${pad.slice(index % 500)}`)),
        );

      it('reads the first page with two requests once the stream is listed, and the next with one or none', async () => {
        await using place = await opened();
        await place.archive.write(STREAM, [large(1, 4_000)]);
        const reader = new ObjectLogArchive(place.objects);
        await reader.range(STREAM, 0);
        place.objects.requests.length = 0;
        const read = async (after: number) => indexes(await reader.read(STREAM, { after, limit: 1_000 }));
        expect(await read(1_500)).toEqual(sequence(1_501, 2_500));
        expect(place.objects.requests.length).toBeLessThanOrEqual(2);
        expect(await read(2_500)).toEqual(sequence(2_501, 3_500));
        expect(place.objects.requests.length).toBeLessThanOrEqual(3);
        expect(await read(1_500)).toEqual(sequence(1_501, 2_500));
        expect(place.objects.requests.length).toBeLessThanOrEqual(3);
      });

      it('ends a page early when it is large, both ways', async () => {
        await using place = await opened();
        await place.archive.write(STREAM, [large(1, 4_000)]);
        const page = indexes(await place.archive.read(STREAM, { after: 0, limit: 10_000 }));
        expect(page).toEqual(sequence(1, page.length));
        expect(page.length).toBeGreaterThan(1_000);
        expect(page.length).toBeLessThan(4_000);
        const back = indexes(await place.archive.read(STREAM, { before: 4_001, limit: 10_000 }));
        expect(back).toEqual(sequence(4_001 - back.length, 4_000));
        expect(back.length).toBeLessThan(4_000);
      });

      it('fetches no member that a sieve does not admit, and tells what it passed over', async () => {
        await using place = await opened();
        const lines = sequence(1, 4_000).map((index) => timed(index, `${index} ${pad.slice(index % 500)}`));
        await place.archive.write(STREAM, [new Batch(1, lines)]);
        await place.archive.write(STREAM, [new Batch(4_001, [timed(2_000, '4001 late')])]);
        const reader = new ObjectLogArchive(place.objects);
        await reader.range(STREAM, 0);
        const time = new TimeRange({ since: timeOf(2_000), until: timeOf(2_010) });
        const { sieve } = new QueryFilter(undefined, { time });
        for (const range of [{ after: 0 }, { before: 5_000 }]) {
          place.objects.requests.length = 0;
          const { parts, whole } = await sifted(reader, range, sieve);
          const batches = parts.filter((part) => part instanceof Batch);
          expect(place.objects.requests.length).toBeLessThanOrEqual(3);
          expect(whole).toBe(true);
          expect(parts.flatMap(({ first, last }) => sequence(first, last))).toEqual(sequence(1, 4_001));
          expect(indexes(batches)).toEqual(expect.arrayContaining([...sequence(2_000, 2_009), 4_001]));
          expect(indexes(batches).length).toBeLessThan(1_000);
        }
      });

      it('tells of each member that it passed over what its index says of it, where the sieve wants that', async () => {
        await using place = await opened();
        const lines = sequence(1, 4_000).map((index) => timed(index, `${index} ${pad.slice(index % 500)}`));
        await place.archive.write(STREAM, [new Batch(1, lines)]);
        const sieve = { asksTexts: false, keepsSummaries: true, admits: () => false };
        const { parts } = await sifted(place.archive, { before: 3_001 }, sieve);
        const members = parts.filter((part) => part instanceof Passed);
        expect(members.length).toBeGreaterThan(1);
        expect(parts.flatMap(({ first, last }) => sequence(first, last))).toEqual(sequence(1, 3_000));
        for (const { first, last, summary } of members) {
          expect([summary?.from, summary?.levels]).toEqual([Date.parse(timeOf(first)), {}]);
          if (last < 3_000)
            expect([summary?.count, summary?.to]).toEqual([last - first + 1, Date.parse(timeOf(last)) + 1]);
          else expect(summary?.count).toBeGreaterThanOrEqual(last - first + 1);
        }
      });

      it('ends behind many objects that it passed over, and goes on from there', async () => {
        await using place = await opened();
        for (let at = 1; at <= 200; at++) await place.archive.write(STREAM, [numbered(at, at)]);
        const { sieve } = new QueryFilter(undefined, { time: new TimeRange({ since: '2027-01-01T00:00:00Z' }) });
        const first = await place.archive.sift(STREAM, { after: 0, limit: 1_000, sieve });
        expect(first.whole).toBe(false);
        const { parts } = await sifted(place.archive, { after: 0 }, sieve);
        expect(parts.flatMap(({ first: begin, last }) => sequence(begin, last))).toEqual(sequence(1, 200));
      });

      it('fetches for a rare word the members that have it, and few others', async () => {
        await using place = await opened();
        const rare = [7, 1_999, 3_500];
        const lines = sequence(1, 4_000).map((index) =>
          lineOf(`${index} ${pad.slice(index % 500)}${rare.includes(index) ? ' a Zanzibar-7f3a' : ''}`),
        );
        await place.archive.write(STREAM, [new Batch(1, lines)]);
        const reader = new ObjectLogArchive(place.objects);
        const filter = new QueryFilter(compile('zanzibar-7f3a'));
        const { parts } = await sifted(reader, { before: 5_000 }, filter.sieve);
        const batches = parts.filter((part) => part instanceof Batch);
        expect(batches.flatMap((batch) => filter.select(batch).indexes)).toEqual(rare);
        expect(batches.length).toBeLessThanOrEqual(5);
        const none = await sifted(reader, { after: 0 }, new QueryFilter(compile('level:error')).sieve);
        expect(none.parts).toEqual([new Passed(1, 4_000)]);
      });

      it('reads an object of version 1, which says nothing of its texts', async () => {
        await using place = await opened();
        await place.archive.write(STREAM, [large(1, 2_000)]);
        const [file] = (await place.objects.list('logs/')).filter(({ name }) => name.endsWith('.idx'));
        const name = file?.name ?? '';
        const beside = Buffer.from((await place.objects.get(name)) ?? '').toString('latin1');
        const index = JSON.parse(beside.slice(0, beside.indexOf('\n'))) as { members: object[] };
        const members = index.members.map((member) => ({ ...member, filter: undefined }));
        await place.objects.remove([name]);
        await place.objects.put(name, Buffer.from(`${JSON.stringify({ ...index, version: 1, members })}\n`));
        const reader = new ObjectLogArchive(place.objects);
        const { sieve } = new QueryFilter(compile('no such word'));
        const { parts } = await sifted(reader, { after: 0 }, sieve);
        expect(indexes(parts.filter((part) => part instanceof Batch))).toEqual(sequence(1, 2_000));
        place.objects.requests.length = 0;
        await sifted(reader, { after: 0 }, new QueryFilter(compile('level:error')).sieve);
        expect(place.objects.requests).toEqual([]);
      });

      it.each(['missing', 'of another writing'])('reads an object whose index is %s', async (what) => {
        await using place = await opened();
        await place.archive.write(STREAM, [large(1, 500)]);
        const [index] = (await place.objects.list('logs/')).filter(({ name }) => name.endsWith('.idx'));
        await place.objects.remove([index?.name ?? '']);
        if (what !== 'missing')
          await place.objects.put(index?.name ?? '', Buffer.from('{"version":1,"size":3,"members":[{}]}\n'));
        expect(indexes(await place.other().read(STREAM, { after: 100, limit: 5 }))).toEqual(sequence(101, 105));
      });
    });

    describe('written twice', () => {
      it.each([
        {
          what: 'the same range',
          ranges: [
            [1, 5],
            [1, 5],
          ],
        },
        {
          what: 'a longer one from the same index',
          ranges: [
            [1, 3],
            [1, 5],
          ],
        },
        {
          what: 'a shorter one from the same index',
          ranges: [
            [1, 5],
            [1, 3],
          ],
        },
        {
          what: 'ranges that overlap',
          ranges: [
            [1, 3],
            [2, 4],
            [3, 5],
          ],
        },
        {
          what: 'one within another',
          ranges: [
            [1, 5],
            [2, 4],
          ],
        },
      ] as const)('has each entry once after $what', async ({ ranges }) => {
        await using place = await opened();
        for (const [from, to] of ranges) await place.other().write(STREAM, [numbered(from, to)]);
        expect(indexes(await place.archive.read(STREAM, { after: 0, limit: 10 }))).toEqual(sequence(1, 5));
        expect(indexes(await place.archive.read(STREAM, { before: 9, limit: 3 }))).toEqual(sequence(3, 5));
        expect(await place.archive.range(STREAM, 0)).toEqual({ firstIndex: 1, lastIndex: 5 });
      });

      it('takes a write again that was done and said to have failed', async () => {
        await using place = await opened();
        place.objects.interference.after = ({ what }) => {
          if (what === 'put') throw AWAY;
        };
        await expect(place.archive.write(STREAM, [numbered(1, 3)])).rejects.toBe(AWAY);
        place.objects.interference.after = undefined;
        await place.archive.write(STREAM, [numbered(1, 3)]);
        expect(indexes(await place.archive.read(STREAM, { after: 0, limit: 10 }))).toEqual([1, 2, 3]);
      });
    });

    it('leaves out what it does not have, and looks again where the caller knows that there is more', async () => {
      await using place = await opened();
      await place.archive.write(STREAM, [numbered(3, 4)]);
      expect(indexes(await place.archive.read(STREAM, { after: 0, limit: 10 }))).toEqual([3, 4]);
      await place.other().write(STREAM, [numbered(8, 9)]);
      expect(indexes(await place.archive.read(STREAM, { after: 0, limit: 10, reaching: 9 }))).toEqual([3, 4, 8, 9]);
      expect(await place.archive.range(STREAM, Infinity)).toEqual({ firstIndex: 3, lastIndex: 9 });
    });

    describe('list', () => {
      const final = {
        status: 'failed',
        exitCode: 3,
        firstIndex: 1,
        lastIndex: 2,
        endedAt: '2026-11-21T00:00:00.000Z',
      } as const;

      it('has the streams in the order of their names, from the first that is held to the last, and how they ended', async () => {
        const clock = new ManualClock();
        await using place = await opened(clock);
        // Folders, whose names end in a slash, come in another order.
        for (const id of ['a-b', 'a', 'a.c', 'b']) await place.archive.write(`build:${id}`, [numbered(1, 2)]);
        await place.archive.write(STREAM, [numbered(3, 5)]);
        await place.archive.write(STREAM, [numbered(6, 9)]);
        await place.archive.finish('build:a', final);
        const list = async (range: object) =>
          (await place.other().list({ limit: 10, besides: new Set(), ...range })).map(({ stream }) => stream);
        expect(await list({})).toEqual(['build:a', 'build:a-b', 'build:a.c', 'build:b', STREAM]);
        expect(await list({ kind: 'build', prefix: 'a' })).toEqual(['build:a', 'build:a-b', 'build:a.c']);
        expect(await list({ kind: 'build', prefix: 'a-' })).toEqual(['build:a-b']);
        expect(await list({ kind: 'job' })).toEqual([]);
        expect(await list({ after: 'build:a', limit: 2 })).toEqual(['build:a-b', 'build:a.c']);
        expect(await list({ after: 'build:a', through: 'build:b', besides: new Set(['build:a.c']) })).toEqual([
          'build:a-b',
          'build:b',
        ]);
        const [first, ...others] = await place.archive.list({ limit: 9, besides: new Set() });
        expect(first).toEqual({
          ...{ stream: 'build:a', firstIndex: 1, lastIndex: 2, ended: { status: 'failed', exitCode: 3 } },
          ...{ bytes: expect.any(Number), createdAt: expect.any(String), lastAt: final.endedAt },
        });
        expect(others.at(-1)).toMatchObject({ stream: STREAM, firstIndex: 3, lastIndex: 9 });
        const listed = await place.objects.list('logs/runtime/web/');
        const data = listed.filter(({ name }) => name.endsWith('.jsonl.gz'));
        expect(others.at(-1)?.bytes).toBe(data.reduce((sum, { size }) => sum + size, 0));
      });

      it('costs no request for a minute, and asks of no more streams than it lists', async () => {
        const clock = new ManualClock();
        await using place = await opened(clock);
        for (let id = 0; id < 30; id++) await place.archive.write(`job:${id + 10}`, [numbered(1, 2)]);
        const page = () => place.archive.list({ kind: 'job', limit: 3, besides: new Set(['job:10']) });
        place.objects.requests.length = 0;
        expect((await page()).map(({ stream }) => stream)).toEqual(['job:11', 'job:12', 'job:13']);
        expect(place.objects.requests.length).toBeLessThanOrEqual(9);
        const { length } = place.objects.requests;
        await page();
        expect(place.objects.requests).toHaveLength(length);
        clock.advance(61_000);
        await page();
        expect(place.objects.requests.length).toBeGreaterThan(length);
      });
    });

    describe('finish', () => {
      it('keeps the first record of an end', async () => {
        await using place = await opened();
        const final = {
          status: 'failed',
          exitCode: 3,
          firstIndex: 1,
          lastIndex: 2,
          endedAt: '2026-11-20T00:00:00.000Z',
        } as const;
        await place.archive.write('build:1', [numbered(1, 2)]);
        await place.archive.finish('build:1', final);
        await place.other().finish('build:1', final);
        expect(await place.archive.range('build:1', 0)).toEqual({ firstIndex: 1, lastIndex: 2, final });
        const content = await place.objects.get('logs/build/1/final.json');
        expect(JSON.parse(Buffer.from(content ?? '').toString())).toEqual(final);
      });
    });

    describe('merge', () => {
      const small = async (place: { archive: ObjectLogArchive }, count: number) => {
        for (let at = 0; at < count; at++) await place.archive.write(STREAM, [numbered(at * 3 + 1, at * 3 + 3)]);
      };

      it('makes few objects of many, and nobody who reads notices', async () => {
        await using place = await opened();
        await small(place, 50);
        const reader = place.other();
        expect(indexes(await reader.read(STREAM, { after: 0, limit: 1 }))).toEqual([1]);
        await place.archive.merge(STREAM, signal);
        expect((await place.objects.list('logs/')).length).toBeLessThan(12 * 2);
        expect(indexes(await reader.read(STREAM, { after: 3, limit: 500 }))).toEqual(sequence(4, 150));
        expect(indexes(await place.other().read(STREAM, { before: 151, limit: 500 }))).toEqual(sequence(1, 150));
      });

      it('is cut short at any request without a hole or a repeat, and made good by the next', async () => {
        for (let cut = 1; ; cut++) {
          await using place = await opened();
          await small(place, 12);
          let left = cut;
          place.objects.interference.before = () => {
            if (--left === 0) throw AWAY;
          };
          const failed = await place.archive.merge(STREAM, signal).then(
            () => false,
            () => true,
          );
          place.objects.interference.before = undefined;
          expect(indexes(await place.other().read(STREAM, { after: 0, limit: 100 }))).toEqual(sequence(1, 36));
          await place.archive.merge(STREAM, signal);
          expect(indexes(await place.other().read(STREAM, { after: 0, limit: 100 }))).toEqual(sequence(1, 36));
          const data = (await place.objects.list('logs/')).filter(({ name }) => name.endsWith('.jsonl.gz'));
          expect(data.map(({ name }) => name.slice(-35))).toEqual(['/000000000001-000000000036.jsonl.gz']);
          if (!failed) break;
        }
      });

      it('copies members that are large, packs small ones anew, and knows of both what they hold', async () => {
        await using place = await opened();
        // Twelve of large lines and, in the middle of them, three of a line each.
        const large = (first: number) => new Batch(first, sequence(first, first + 9).map(largeLine));
        let next = 1;
        for (let at = 0; at < 12; at++) {
          await place.archive.write(STREAM, [large(next)]);
          next += 10;
          if (at !== 5) continue;
          for (let tiny = 0; tiny < 3; tiny++, next++) await place.archive.write(STREAM, [numbered(next, next)]);
        }
        const parts = await dataOf(place);
        await place.archive.merge(STREAM, signal);
        const [merged, ...rest] = await dataOf(place);
        expect(rest).toEqual([]);
        const [head, tail] = [Buffer.concat(parts.slice(0, 6)), Buffer.concat(parts.slice(9))];
        expect(merged?.subarray(0, head.length).equals(head)).toBe(true);
        expect(merged?.subarray(-tail.length).equals(tail)).toBe(true);
        expect(gunzipSync(merged ?? '').equals(gunzipSync(Buffer.concat(parts)))).toBe(true);
        const { parts: found } = await sifted(place.other(), { after: 0 }, new QueryFilter(compile('"#64#"')).sieve);
        expect(joined(found)).toEqual([
          { first: 1, last: 63, isPassed: true },
          { first: 64, last: 73, isPassed: false },
          { first: 74, last: 123, isPassed: true },
        ]);
        expect(indexes(await place.other().read(STREAM, { before: next, limit: 45 }))).toEqual(
          sequence(next - 45, next - 1),
        );
      });

      it('does not join what a hole parts', async () => {
        await using place = await opened();
        await small(place, 12);
        for (let at = 0; at < 12; at++) await place.archive.write(STREAM, [numbered(100 + at, 100 + at)]);
        await place.archive.merge(STREAM, signal);
        expect(indexes(await place.archive.read(STREAM, { after: 0, limit: 100 }))).toEqual([
          ...sequence(1, 36),
          ...sequence(100, 111),
        ]);
      });
    });

    describe('expire', () => {
      it('forgets of a runtime stream what was written before a time', async () => {
        await using place = await opened();
        await place.archive.write(STREAM, [numbered(1, 3)]);
        await place.archive.expire(Date.now() - 60_000, signal);
        expect(await place.archive.range(STREAM, 0)).toEqual({ firstIndex: 1, lastIndex: 3 });
        await place.archive.expire(Date.now() + 60_000, signal);
        expect(await place.archive.range(STREAM, 0)).toEqual({ firstIndex: 1, lastIndex: 0 });
        expect(await place.objects.list('logs/')).toEqual([]);
      });

      it('leaves no hole: what follows a younger object waits for it', async () => {
        await using place = await opened();
        await place.archive.write(STREAM, [numbered(4, 6)]);
        await place.archive.write(STREAM, [numbered(7, 9)]);
        const written = Math.max(...(await place.objects.list('logs/')).map(({ writtenAt }) => writtenAt));
        // S3 tells whole seconds.
        await eventually(async () => {
          await place.objects.put('logs/job/clock/2026-11-20/x', Buffer.from('x'));
          const [clock] = await place.objects.list('logs/job/clock/');
          await place.objects.remove(['logs/job/clock/2026-11-20/x']);
          return (clock?.writtenAt ?? 0) > written;
        });
        await place.archive.write(STREAM, [numbered(1, 3)]);
        await place.archive.expire(written + 1, signal);
        expect(indexes(await place.other().read(STREAM, { after: 0, limit: 20 }))).toEqual(sequence(1, 9));
        await place.archive.expire(Date.now() + 60_000, signal);
        expect(await place.objects.list('logs/')).toEqual([]);
      });

      it('forgets all of a day that is over, also what was merged of it since', async () => {
        const clock = new ManualClock();
        await using place = await opened(clock);
        const day = Math.floor(clock.now() / DAY_MS) * DAY_MS;
        // To the place where it lies it is of today, as what is merged is.
        await place.archive.write(STREAM, [numbered(1, 3)]);
        clock.advance(DAY_MS);
        await place.archive.write(STREAM, [numbered(4, 6)]);
        await place.archive.expire(day, signal);
        expect(await place.archive.range(STREAM, 0)).toEqual({ firstIndex: 1, lastIndex: 6 });
        await place.archive.expire(day + DAY_MS, signal);
        expect(await place.archive.range(STREAM, 0)).toEqual({ firstIndex: 4, lastIndex: 6 });
      });

      it('keeps a job until so long after its end, then forgets all of it', async () => {
        await using place = await opened();
        await place.archive.write('job:1', [numbered(1, 3)]);
        await place.archive.expire(Date.now() + 60_000, signal);
        expect(await place.archive.range('job:1', 0)).toMatchObject({ lastIndex: 3 });
        const endedAt = '2026-11-20T00:00:00.000Z';
        await place.archive.finish('job:1', { status: 'succeeded', firstIndex: 1, lastIndex: 3, endedAt });
        await place.archive.expire(Date.parse(endedAt), signal);
        expect(await place.archive.range('job:1', 0)).toMatchObject({ lastIndex: 3 });
        await place.archive.expire(Date.parse(endedAt) + 1, signal);
        expect(await place.archive.range('job:1', 0)).toEqual({ firstIndex: 1, lastIndex: 0 });
        expect(await place.objects.list('logs/')).toEqual([]);
      });

      it('lists anew for a reader under whom objects expired', async () => {
        await using place = await opened();
        await place.archive.write(STREAM, [numbered(1, 3)]);
        const reader = place.other();
        await reader.range(STREAM, 0);
        await place.archive.expire(Date.now() + 60_000, signal);
        await place.archive.write(STREAM, [numbered(4, 5)]);
        expect(indexes(await reader.read(STREAM, { after: 0, limit: 10 }))).toEqual([4, 5]);
      });
    });

    it.each([1, 2].map((round) => ({ seed: (Date.now() % 1_000_000) + round })))(
      'reads what was written, whatever is written again, merged and asked, over days, seed $seed',
      async ({ seed }) => {
        const random = seededRandom(seed);
        const below = (limit: number) => Math.floor(random() * limit);
        const clock = new ManualClock();
        await using place = await opened(clock);
        const reader = place.other();
        const failing = place.objects.interference;
        let last = 0;
        for (let step = 0; step < 120; step++) {
          const dice = below(10);
          // Any request may fail, before or after it was done; what is written then is written again.
          failing.before = below(4) === 0 ? () => failNow(below) : undefined;
          failing.after = below(4) === 0 ? () => failNow(below) : undefined;
          if (dice < 5) {
            const from = Math.max(1, last + 1 - (below(3) === 0 ? below(10) : 0));
            const to = from + below(20);
            for (let done = false; !done; failing.before = failing.after = undefined)
              done = await succeeds(place.archive.write(STREAM, [numbered(from, to)]));
            last = Math.max(last, to);
          } else if (dice === 5) await succeeds(place.archive.merge(STREAM, signal));
          else if (dice === 6) clock.advance(6 * 3_600_000);
          failing.before = failing.after = undefined;
          const limit = 1 + below(60);
          const after = below(last + 2);
          const forward = await reader.read(STREAM, { after, limit, reaching: last });
          expect({ step, indexes: indexes(forward) }).toEqual({
            step,
            indexes: sequence(after + 1, Math.min(last, after + limit)),
          });
          const before = below(last + 2) + 1;
          const backward = await reader.read(STREAM, { before, limit });
          expect({ step, indexes: indexes(backward) }).toEqual({
            step,
            indexes: sequence(Math.max(1, Math.min(before, last + 1) - limit), Math.min(before - 1, last)),
          });
        }
      },
    );
  });
}

function failNow(below: (limit: number) => number): void {
  if (below(3) === 0) throw AWAY;
}

function succeeds(done: Promise<unknown>): Promise<boolean> {
  return done.then(
    () => true,
    (error: unknown) => {
      if (error !== AWAY) throw error;
      return false;
    },
  );
}
