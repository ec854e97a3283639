import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

import { describe, expect, it } from '@jest/globals';
import type { StreamId, StreamKind } from '@kubidu/contracts';
import { encodeEntry, hasCode, MemoryLogStore } from '@kubidu/core';
import type { AppendOptions, LogStore, Page, ReadRange, SourcePosition, Wake } from '@kubidu/core';

import { eventually } from './eventually.ts';
import { seededRandom } from './seeded-random.ts';

/** How a store under test is to be opened. */
export interface OpenOptions {
  readonly maxBytesPerStream: number;
}

/** What sets an adapter apart. */
export interface LogStoreTraits {
  /** Whether it heeds maxBytesPerStream. */
  readonly capped: boolean;
}

/** A stream that no other test uses. */
export function uniqueStream(kind: StreamKind = 'runtime'): StreamId {
  return `${kind}:t-${randomUUID()}`;
}

/** A stored line with this message. */
export function lineOf(message: string): string {
  return encodeEntry({ timestamp: '2026-11-20T23:16:57.856942694Z', message });
}

/** What a page holds, an entry a string: `<index> <message>`. */
export function shown(page: Page): string[] {
  return page.batches.flatMap((batch) => batch.entries().map(({ index, message }) => `${index} ${message}`));
}

const linesOf = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => lineOf(String(from + at)));
const numbered = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => `${from + at} ${from + at}`);
const position = (sequence: number, change: Partial<SourcePosition> = {}): SourcePosition => ({
  ...{ source: 'pod/app/0', writer: 'a', sequence, cursor: `at ${sequence}` },
  ...change,
});
const codeOf = async (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing thrown',
    (error: unknown) => (hasCode(error, 'CONFLICT') ? 'CONFLICT' : error),
  );
const PLENTY = { maxBytesPerStream: 1024 ** 3 };

/** What every LogStore does. `open` gives a store of which this suite disposes; several may lead to the same data. */
export function describeLogStore(
  adapter: string,
  open: (options: OpenOptions) => Promise<LogStore>,
  traits: LogStoreTraits = { capped: true },
): void {
  describe(`${adapter} as a LogStore`, () => {
    describe('append and read', () => {
      it.each([
        { next: 'after', to: 0, limit: 10, expected: numbered(1, 9) },
        { next: 'after', to: 0, limit: 9, expected: numbered(1, 9) },
        { next: 'after', to: 0, limit: 4, expected: numbered(1, 4) },
        { next: 'after', to: 0, limit: 3, expected: numbered(1, 3) },
        { next: 'after', to: 2, limit: 5, expected: numbered(3, 7) },
        { next: 'after', to: 3, limit: 1, expected: numbered(4, 4) },
        { next: 'after', to: 8, limit: 5, expected: numbered(9, 9) },
        { next: 'after', to: 9, limit: 5, expected: [] },
        { next: 'after', to: 99, limit: 5, expected: [] },
        { next: 'before', to: 10, limit: 20, expected: numbered(1, 9) },
        { next: 'before', to: 10, limit: 4, expected: numbered(6, 9) },
        { next: 'before', to: 10, limit: 1, expected: numbered(9, 9) },
        { next: 'before', to: 9, limit: 2, expected: numbered(7, 8) },
        { next: 'before', to: 8, limit: 2, expected: numbered(6, 7) },
        { next: 'before', to: 5, limit: 3, expected: numbered(2, 4) },
        { next: 'before', to: 4, limit: 5, expected: numbered(1, 3) },
        { next: 'before', to: 2, limit: 5, expected: numbered(1, 1) },
        { next: 'before', to: 1, limit: 5, expected: [] },
        { next: 'before', to: Number.MAX_SAFE_INTEGER, limit: 2, expected: numbered(8, 9) },
      ])('reads at most $limit $next $to across batches of 3, 4 and 2', async ({ next, to, limit, expected }) => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        await store.append(stream, linesOf(1, 3));
        await store.append(stream, linesOf(4, 7));
        await store.append(stream, linesOf(8, 9));
        const page = await store.read(stream, next === 'after' ? { after: to, limit } : { before: to, limit });
        expect(shown(page)).toEqual(expected);
        expect(page).toMatchObject({ firstIndex: 1, lastIndex: 9, gaps: [] });
      });

      it('answers with the indexes it gave', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        expect(await store.append(stream, linesOf(1, 3))).toEqual({ first: 1, last: 3, stored: 3 });
        expect(await store.append(stream, linesOf(4, 4))).toEqual({ first: 4, last: 4, stored: 1 });
      });

      it('shows a stream that has nothing yet as empty, and waits', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        expect(await store.head(stream)).toEqual({ firstIndex: 1, lastIndex: 0 });
        expect(await store.read(stream, { after: 0, limit: 5 })).toEqual({
          ...{ firstIndex: 1, lastIndex: 0 },
          ...{ batches: [], gaps: [] },
        });
        expect(shown(await store.read(stream, { before: 100, limit: 5 }))).toEqual([]);
        expect(await store.cursors(stream)).toEqual(new Map());
        await store.trim(stream, { through: 5 });
        await store.trim(stream, { storedBefore: Date.now() });
        expect(await store.head(stream)).toEqual({ firstIndex: 1, lastIndex: 0 });
      });

      it.each([
        {
          what: 'every kind of character',
          message: 'tab\t nul\0 quote" back\\ é 漢 👩‍👩‍👧 \u2028 \u2029 \ufeff \x7f \x1b[31mred',
        },
        { what: 'line feeds of its own', message: 'a\nb\r\nc\rd' },
        { what: 'nothing in it', message: '' },
      ])('gives back a message with $what as it was', async ({ message }) => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        await store.append(stream, [lineOf('before'), lineOf(message), lineOf('after')]);
        const page = await store.read(stream, { after: 1, limit: 1 });
        expect(page.batches.flatMap((batch) => batch.entries())[0]?.message).toBe(message);
      });

      it('holds lines of a megabyte', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        const lines = ['x', 'é'].map((letter) =>
          JSON.stringify({ timestamp: '2026-11-20T00:00:00Z', message: letter.repeat(1_000_000) }),
        );
        await store.append(stream, lines);
        const page = await store.read(stream, { after: 0, limit: 5 });
        expect(page.batches.flatMap((batch) => batch.lines.map((line, at) => line === lines[at]))).toEqual([
          true,
          true,
        ]);
      });

      it('pages through 12,345 lines in batches of all sizes, both ways', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        for (let from = 1, size = 1; from <= 12_345; from += size, size = (size * 7 + 3) % 1_001 || 1) {
          size = Math.min(size, 12_346 - from);
          await store.append(stream, linesOf(from, from + size - 1));
        }
        const forward: string[] = [];
        while (forward.length < 12_345) {
          const page = await store.read(stream, { after: forward.length, limit: 1_000 });
          expect(page.gaps).toEqual([]);
          forward.push(...shown(page));
        }
        expect(forward).toEqual(numbered(1, 12_345));
        const backward: string[] = [];
        for (let before = 12_346; before > 1; before = 12_346 - backward.length)
          backward.unshift(...shown(await store.read(stream, { before, limit: 777 })));
        expect(backward).toEqual(numbered(1, 12_345));
      });

      it('gives 20 writers at once indexes without hole or repeat, each its own lines', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        const given: string[] = [];
        const write = async (writer: number) => {
          for (let batch = 0; batch < 10; batch++) {
            const messages = Array.from({ length: ((writer + batch) % 7) + 1 }, (_, at) => `${writer}/${batch}/${at}`);
            const { first } = await store.append(stream, messages.map(lineOf));
            for (const [at, message] of messages.entries()) given[first + at] = `${first + at} ${message}`;
          }
        };
        await Promise.all(Array.from({ length: 20 }, (_, writer) => write(writer)));
        const page = await store.read(stream, { after: 0, limit: 10_000 });
        expect(page.gaps).toEqual([]);
        expect(shown(page)).toEqual(given.slice(1));
      });

      it('ends a page early when it is large, without a gap', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        for (let batch = 0; batch < 12; batch++)
          await store.append(stream, [JSON.stringify({ timestamp: '', message: 'x'.repeat(1_000_000) })]);
        let after = 0;
        for (let pages = 1; after < 12; pages++) {
          const page = await store.read(stream, { after, limit: 1_000 });
          expect(page).toMatchObject({ gaps: [], lastIndex: 12 });
          after = page.batches.at(-1)?.last ?? 0;
          expect(pages).toBeLessThan(4);
        }
      });
    });

    describe('duplicates', () => {
      it('stores a batch once that is sent again from the same position, and older ones never', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        await store.append(stream, linesOf(1, 2), { position: position(1) });
        await store.append(stream, linesOf(3, 4), { position: position(2) });
        const nothing = { first: 5, last: 4, stored: 0 };
        expect(await store.append(stream, linesOf(3, 4), { position: position(2) })).toEqual(nothing);
        expect(await store.append(stream, linesOf(1, 2), { position: position(1, { cursor: 'back' }) })).toEqual(
          nothing,
        );
        expect(await store.cursors(stream)).toEqual(new Map([['pod/app/0', 'at 2']]));
        expect(await store.append(stream, linesOf(5, 5), { position: position(3) })).toMatchObject({ first: 5 });
      });

      it('lets a new writer of a source, and the same writer of another, begin anew', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        await store.append(stream, linesOf(1, 1), { position: position(7) });
        await store.append(stream, linesOf(2, 2), { position: position(1, { writer: 'b' }) });
        await store.append(stream, linesOf(3, 3), {
          position: position(1, { source: 'pod/app/1', cursor: 'multi\nline é' }),
        });
        expect(await store.head(stream)).toMatchObject({ lastIndex: 3 });
        expect(await store.cursors(stream)).toEqual(
          new Map([
            ['pod/app/0', 'at 1'],
            ['pod/app/1', 'multi\nline é'],
          ]),
        );
      });

      it('leaves out lines whose id it took before, or that come twice in the batch', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        const append = (text: string) =>
          store.append(stream, [...text].map(lineOf), { ids: [...text].map((letter) => `id-${letter}`) });
        expect(await append('abc')).toEqual({ first: 1, last: 3, stored: 3 });
        expect(await append('bxcxy')).toEqual({ first: 4, last: 5, stored: 2 });
        expect(await append('abc')).toEqual({ first: 6, last: 5, stored: 0 });
        expect(shown(await store.read(stream, { after: 0, limit: 10 }))).toEqual(['1 a', '2 b', '3 c', '4 x', '5 y']);
      });
    });

    describe('floor', () => {
      it('goes on beyond an index that was given and lost, and says what cannot be had', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        const { first } = await store.append(stream, linesOf(1, 2), { floor: 5 });
        expect(first).toBeGreaterThan(5);
        const head = { firstIndex: first, lastIndex: first + 1, gone: 'trimmed' };
        expect(await store.head(stream)).toEqual(head);
        const page = await store.read(stream, { after: 0, limit: 5 });
        expect(page).toMatchObject({ ...head, gaps: [{ from: 1, to: first - 1, reason: 'trimmed' }] });
      });

      it('keeps what was not lost', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        await store.append(stream, linesOf(1, 3), { floor: 0 });
        const { first } = await store.append(stream, linesOf(4, 4), { floor: 5 });
        expect(first).toBeGreaterThan(5);
        const page = await store.read(stream, { after: 0, limit: 10 });
        expect(shown(page)).toEqual([...numbered(1, 3), `${first} 4`]);
        expect(page.gaps).toEqual([{ from: 4, to: first - 1, reason: 'trimmed' }]);
      });

      it('changes nothing where it lies behind', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        await store.append(stream, linesOf(1, 3));
        expect(await store.append(stream, linesOf(4, 4), { floor: 3 })).toMatchObject({ first: 4 });
      });
    });

    describe('fence and end', () => {
      it('refuses an older lease than it has seen, and takes the same and newer ones', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        const append = (options: AppendOptions) => store.append(stream, linesOf(1, 1), options);
        await append({ fence: 5 });
        expect(await codeOf(append({ fence: 4 }))).toBe('CONFLICT');
        await append({ fence: 5 });
        await append({ fence: 1_795_000_000_123 });
        expect(await codeOf(append({ fence: 1_795_000_000_122 }))).toBe('CONFLICT');
        await append({});
        expect(await store.head(stream)).toMatchObject({ lastIndex: 4 });
      });

      it('keeps the first outcome and takes nothing after it', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream('build');
        await store.append(stream, linesOf(1, 2));
        const ended = { status: 'failed', exitCode: 3 } as const;
        expect(await store.end(stream, ended)).toEqual({ firstIndex: 1, lastIndex: 2, ended });
        expect(await store.end(stream, { status: 'succeeded' })).toEqual({ firstIndex: 1, lastIndex: 2, ended });
        expect(await codeOf(store.append(stream, linesOf(3, 3)))).toBe('CONFLICT');
        expect(await store.head(stream)).toEqual({ firstIndex: 1, lastIndex: 2, ended });
        expect(shown(await store.read(stream, { after: 0, limit: 5 }))).toEqual(numbered(1, 2));
      });

      it('ends a stream that has nothing', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream('job');
        const head = { firstIndex: 1, lastIndex: 0, ended: { status: 'lost' } } as const;
        expect(await store.end(stream, { status: 'lost' })).toEqual(head);
        expect(await store.head(stream)).toEqual(head);
      });
    });

    describe('trim', () => {
      it('forgets whole batches up to an index and says which entries are gone', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        for (const from of [1, 4, 7]) await store.append(stream, linesOf(from, from + 2));
        await store.trim(stream, { through: 4 });
        expect(await store.head(stream)).toEqual({ firstIndex: 4, lastIndex: 9, gone: 'trimmed' });
        const page = await store.read(stream, { after: 1, limit: 4 });
        expect(page.gaps).toEqual([{ from: 2, to: 3, reason: 'trimmed' }]);
        expect(shown(page)).toEqual(numbered(4, 7));
        await store.trim(stream, { through: 9 });
        expect(await store.head(stream)).toEqual({ firstIndex: 10, lastIndex: 9, gone: 'trimmed' });
        expect(await store.append(stream, linesOf(10, 10))).toMatchObject({ first: 10 });
        expect(await store.read(stream, { before: 11, limit: 5 })).toMatchObject({
          gaps: [{ from: 1, to: 9, reason: 'trimmed' }],
        });
      });

      it('gives what is left once, and then the gap, to whoever reads backward', async () => {
        await using store = await open(PLENTY);
        for (let left = 1; left <= 10; left++)
          for (const limit of [12, 16, 20, 24]) {
            const stream = uniqueStream();
            // Large batches, then small ones: how many of them make a page cannot be guessed from those seen before.
            for (let at = 0; at < 5; at++) await store.append(stream, linesOf(12 * at + 1, 12 * at + 12));
            for (let at = 1; at <= left; at++) await store.append(stream, linesOf(60 + at, 60 + at));
            await store.trim(stream, { through: 60 });
            const page = await store.read(stream, { before: 61 + left, limit });
            expect(shown(page)).toEqual(numbered(61, 60 + left));
            expect(page.gaps).toEqual([{ from: 1, to: 60, reason: 'trimmed' }]);
          }
      });

      it('forgets what was stored before a time, but keeps the place of a stream that goes on', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        for (let batch = 0; batch < 150; batch++) await store.append(stream, linesOf(1, 2));
        await store.trim(stream, { storedBefore: Date.now() - 60_000 });
        expect(await store.head(stream)).toEqual({ firstIndex: 1, lastIndex: 300 });
        await store.trim(stream, { storedBefore: Date.now() + 60_000 });
        expect(await store.head(stream)).toEqual({ firstIndex: 301, lastIndex: 300, gone: 'expired' });
        expect(await store.append(stream, linesOf(1, 1))).toMatchObject({ first: 301 });
      });

      it('forgets an ended stream altogether once its time is over', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream('bot');
        await store.append(stream, linesOf(1, 2), { position: position(1) });
        await store.end(stream, { status: 'succeeded' });
        await store.trim(stream, { storedBefore: Date.now() - 60_000 });
        expect(await store.head(stream)).toMatchObject({ lastIndex: 2 });
        await store.trim(stream, { storedBefore: Date.now() + 60_000 });
        expect(await store.head(stream)).toEqual({ firstIndex: 1, lastIndex: 0 });
        expect(await store.cursors(stream)).toEqual(new Map());
        expect(await store.list({ kind: 'bot', prefix: stream.slice(4), limit: 1 })).toEqual([]);
      });

      it.each([
        { what: 'one of its sources', sources: ['a'], left: ['b', 'c'] },
        { what: 'several, one of which it does not know', sources: ['c', 'nobody', 'a'], left: ['b'] },
        { what: 'none', sources: [], left: ['a', 'b', 'c'] },
        {
          what: 'more than it has',
          sources: Array.from({ length: 2_500 }, (_, at) => `${at}`).concat('b'),
          left: ['a', 'c'],
        },
      ])('forgets where $what stopped, and keeps what came from there', async ({ sources, left }) => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        const other = uniqueStream();
        for (const source of ['a', 'b', 'c'])
          await store.append(stream, linesOf(1, 1), { position: position(1, { source }) });
        await store.append(other, linesOf(1, 1), { position: position(1, { source: 'a' }) });
        await store.trim(stream, { sources });
        expect([...(await store.cursors(stream)).keys()].sort()).toEqual(left);
        expect([...(await store.cursors(other)).keys()]).toEqual(['a']);
        expect(await store.head(stream)).toEqual({ firstIndex: 1, lastIndex: 3 });
      });

      it('takes a source that was forgotten as one that never was', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        await store.trim(stream, { sources: ['pod/app/0'] });
        expect(await store.head(stream)).toEqual({ firstIndex: 1, lastIndex: 0 });
        await store.append(stream, linesOf(1, 1), { position: position(1) });
        await store.append(stream, linesOf(2, 2), { position: position(2) });
        await store.trim(stream, { sources: ['pod/app/0'] });
        expect(await store.append(stream, linesOf(3, 3), { position: position(1) })).toMatchObject({
          first: 3,
          stored: 1,
        });
        expect(await store.cursors(stream)).toEqual(new Map([['pod/app/0', 'at 1']]));
      });

      it('forgets the sources of a stream that ended', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream('job');
        await store.append(stream, linesOf(1, 1), { position: position(1) });
        await store.end(stream, { status: 'succeeded' });
        await store.trim(stream, { sources: ['pod/app/0'] });
        expect(await store.cursors(stream)).toEqual(new Map());
        expect(await store.head(stream)).toMatchObject({ lastIndex: 1, ended: { status: 'succeeded' } });
      });

      if (traits.capped)
        it('drops the oldest batches of a stream beyond its bytes', async () => {
          await using store = await open({ maxBytesPerStream: 65_536 });
          const stream = uniqueStream();
          for (let batch = 0; batch < 100; batch++)
            await store.append(
              stream,
              Array.from({ length: 10 }, () => lineOf('x'.repeat(150))),
            );
          const { firstIndex, ...head } = await store.head(stream);
          expect(head).toEqual({ lastIndex: 1_000, gone: 'trimmed' });
          expect(firstIndex % 10).toBe(1);
          const [info] = await store.list({ prefix: stream.slice(8), limit: 1 });
          expect(info?.bytes).toBeGreaterThan(50_000);
          expect(info?.bytes).toBeLessThanOrEqual(65_536);
          const page = await store.read(stream, { after: 0, limit: 10_000 });
          expect(page.gaps).toEqual([{ from: 1, to: firstIndex - 1, reason: 'trimmed' }]);
          expect(shown(page)).toHaveLength(1_001 - firstIndex);
          await store.append(stream, [lineOf('y'.repeat(100_000))]);
          expect(await store.head(stream)).toMatchObject({ firstIndex: 1_001, lastIndex: 1_001 });
        });
    });

    describe('watch', () => {
      it('wakes for each batch in order, from before it resolves, and for the end', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream('build');
        const wakes: Wake[] = [];
        let appending = true;
        const writing = (async () => {
          for (let index = 1; appending; index++) {
            await store.append(stream, linesOf(index, index));
            // A store in memory would not let anybody else run.
            await setImmediate();
          }
        })();
        await eventually(async () => (await store.head(stream)).lastIndex >= 5);
        await using _watch = await store.watch(stream, (wake) => wakes.push(wake));
        const { lastIndex } = await store.head(stream);
        await eventually(() => wakes.length >= 20);
        appending = false;
        await writing;
        const { ended } = await store.end(stream, { status: 'cancelled' });
        await eventually(() => wakes.at(-1)?.ended !== undefined);
        expect(wakes.pop()?.ended).toEqual(ended);
        const first = wakes[0]?.batch?.first ?? 0;
        expect(first).toBeLessThanOrEqual(lastIndex + 1);
        expect(wakes.map(({ batch }) => batch?.first)).toEqual(wakes.map((_, at) => first + at));
        expect(wakes.at(-1)?.batch?.last).toBe((await store.head(stream)).lastIndex);
        expect(wakes[0]?.batch?.entries()[0]?.message).toBe(String(first));
      });

      it('tells each watcher of its own stream until it is ended', async () => {
        await using store = await open(PLENTY);
        const [one, other] = [uniqueStream(), uniqueStream()];
        const heard: string[] = [];
        const hear = (name: string) => (wake: Wake) => heard.push(`${name} ${wake.batch?.first}-${wake.batch?.last}`);
        const first = await store.watch(one, hear('first'));
        await using _second = await store.watch(one, hear('second'));
        await using _third = await store.watch(other, hear('third'));
        await store.append(one, linesOf(1, 3));
        await store.append(other, linesOf(1, 1));
        await eventually(() => heard.length === 3);
        expect(heard.toSorted()).toEqual(['first 1-3', 'second 1-3', 'third 1-1']);
        await first[Symbol.asyncDispose]();
        await first[Symbol.asyncDispose]();
        await store.append(one, linesOf(4, 4));
        await eventually(() => heard.length === 4);
        expect(heard.at(-1)).toBe('second 4-4');
      });

      it('watches again what it had stopped watching', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        for (let round = 1; round <= 5; round++) {
          const wakes: Wake[] = [];
          await using _watch = await store.watch(stream, (wake) => wakes.push(wake));
          await store.append(stream, linesOf(round, round));
          await eventually(() => wakes.length > 0);
          expect(wakes[0]?.batch?.first).toBe(round);
        }
      });

      it('stays quiet about duplicates', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream();
        const wakes: Wake[] = [];
        await using _watch = await store.watch(stream, (wake) => wakes.push(wake));
        for (const sequence of [1, 1, 2]) await store.append(stream, linesOf(1, 1), { position: position(sequence) });
        await store.append(stream, [lineOf('a'), lineOf('b')], { ids: ['a', 'a'] });
        await eventually(() => wakes.at(-1)?.batch?.last === 3);
        expect(wakes.map(({ batch }) => batch?.lines.length)).toEqual([1, 1, 1]);
      });
    });

    describe('list', () => {
      it('lists what exists in the order of names, by kind, prefix and page', async () => {
        await using store = await open(PLENTY);
        const tag = randomUUID();
        const names = (['runtime', 'bot', 'job', 'build'] as const).flatMap((kind) =>
          ['b', 'a', 'a.1', 'B', 'a-1'].map((id): StreamId => `${kind}:${tag}${id}`),
        );
        for (const stream of names) await store.append(stream, linesOf(1, 2));
        await store.watch(`runtime:${tag}empty`, () => undefined);
        await store.head(`runtime:${tag}empty2`);
        const sorted = names.toSorted();
        const all = await store.list({ prefix: tag, limit: 100 });
        expect(all.map(({ stream }) => stream)).toEqual(sorted);
        const paged: StreamId[] = [];
        for (;;) {
          const after = paged.at(-1);
          const page = await store.list({ prefix: tag, limit: 3, ...(after && { after }) });
          if (page.length === 0) break;
          paged.push(...page.map(({ stream }) => stream));
        }
        expect(paged).toEqual(sorted);
        const builds = await store.list({ kind: 'build', prefix: `${tag}a`, limit: 100 });
        expect(builds.map(({ stream }) => stream)).toEqual(['a', 'a-1', 'a.1'].map((id) => `build:${tag}${id}`));
        expect(await store.list({ prefix: `${tag}c`, limit: 100 })).toEqual([]);
      });

      it('tells of each stream what there is', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream('job');
        const lines = ['é', 'b'].map(lineOf);
        const from = Date.now();
        await store.append(stream, lines);
        await store.append(stream, linesOf(3, 3));
        const ended = { status: 'succeeded', exitCode: 0 } as const;
        await store.end(stream, ended);
        const [info, ...rest] = await store.list({ kind: 'job', prefix: stream.slice(4), limit: 5 });
        expect(rest).toEqual([]);
        const bytes = Buffer.byteLength(lines.join('\n')) + Buffer.byteLength(lineOf('3'));
        expect(info).toMatchObject({ stream, firstIndex: 1, lastIndex: 3, bytes, ended });
        const [created, last] = [Date.parse(info?.createdAt ?? ''), Date.parse(info?.lastAt ?? '')];
        expect(created).toBeGreaterThanOrEqual(from - 1_000);
        expect(last).toBeGreaterThanOrEqual(created);
        expect(last).toBeLessThanOrEqual(Date.now() + 1_000);
      });

      it('counts the end as the last time that something happened', async () => {
        await using store = await open(PLENTY);
        const stream = uniqueStream('job');
        await store.append(stream, linesOf(1, 1));
        const lastAt = async () =>
          Date.parse((await store.list({ kind: 'job', prefix: stream.slice(4), limit: 1 }))[0]?.lastAt ?? '');
        const appended = await lastAt();
        await eventually(() => Date.now() > appended + 20);
        await store.end(stream, { status: 'succeeded' });
        expect(await lastAt()).toBeGreaterThanOrEqual(appended + 20);
      });
    });

    it.each([1, 2, 3, 4].map((round) => ({ seed: (Date.now() % 1_000_000) + round })))(
      'answers like the store in memory to whatever is done, seed $seed',
      async ({ seed }) => {
        await using store = await open(PLENTY);
        await using model = new MemoryLogStore();
        const random = seededRandom(seed);
        const below = (limit: number) => Math.floor(random() * limit);
        const stream = uniqueStream();
        for (let step = 0; step < 150; step++) {
          const act = anyAct(below, stream);
          const [found, expected] = [await outcomeOf(act(store)), await outcomeOf(act(model))];
          expect({ step, ...found }).toEqual({ step, ...expected });
        }
      },
    );
  });
}

type Act = (store: LogStore) => Promise<unknown>;

/** Something to do with a store, as a function so that two stores can do the same. */
function anyAct(below: (limit: number) => number, stream: StreamId): Act {
  const index = below(300);
  const limit = 1 + below(40);
  const dice = below(100);
  if (dice < 45) {
    const count = 1 + below(12);
    const lines = Array.from({ length: count }, () => lineOf(below(1_000_000).toString(36)));
    const options: AppendOptions = {
      ...(below(3) === 0 && {
        position: position(1 + below(6), { source: `s${below(2)}`, writer: `w${below(2)}` }),
      }),
      ...(below(4) === 0 && { ids: lines.map(() => `id${below(60)}`) }),
      ...(below(4) === 0 && { fence: 1 + below(9) }),
    };
    return (store) => store.append(stream, lines, options);
  }
  const pageOf: (range: ReadRange) => Act = (range) => async (store) => {
    const page = await store.read(stream, range);
    return { ...page, batches: shown(page) };
  };
  if (dice < 65) return pageOf({ after: index, limit });
  if (dice < 85) return pageOf({ before: index, limit });
  if (dice < 88) return (store) => store.trim(stream, { through: index });
  if (dice < 90) return (store) => store.trim(stream, { sources: [`s${index % 3}`] });
  if (dice < 95) return async (store) => [...(await store.cursors(stream))].sort();
  if (dice < 99) return (store) => store.head(stream);
  return (store) => store.end(stream, { status: 'succeeded' });
}

/** What came of it, errors by their code. */
async function outcomeOf(promise: Promise<unknown>): Promise<{ value?: unknown; code?: unknown }> {
  try {
    return { value: await promise };
  } catch (error) {
    if (hasCode(error, 'CONFLICT')) return { code: 'CONFLICT' };
    throw error;
  }
}
