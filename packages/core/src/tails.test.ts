import { describe, expect, it } from '@jest/globals';
import type { StreamId } from '@kubidu/contracts';
import { eventually, interfered, ManualClock, seededRandom } from '@kubidu/testing';
import type { Interference } from '@kubidu/testing';

import type { LogStore } from './log-store.ts';
import { LogsError } from './logs-error.ts';
import { MemoryLogStore } from './memory-log-store.ts';
import type { TailShare } from './tails.ts';
import { Tails } from './tails.ts';

const WEB: StreamId = 'runtime:web';
const line = (n: number) => `{"timestamp":"2026-11-20T00:00:00Z","message":"${n}"}`;
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Tails on a store in memory that counts its open watches. */
function opened(interference: Interference = {}) {
  const memory = new MemoryLogStore();
  const watches = { open: 0, ever: 0 };
  const between = interfered(memory, interference);
  const store: LogStore = {
    ...between,
    watch: async (stream, onWake) => {
      const watch = await between.watch(stream, onWake);
      watches.open++;
      watches.ever++;
      let open = true;
      return {
        [Symbol.asyncDispose]: () => {
          if (open) watches.open--;
          open = false;
          return watch[Symbol.asyncDispose]();
        },
      };
    },
  };
  return { memory, watches, tails: new Tails(store, new ManualClock()) };
}

describe('the tails of a process', () => {
  it('are one for each stream, however many read it, and end with the last of them', async () => {
    const { tails, watches } = opened();
    const shares = await Promise.all([
      tails.share(WEB),
      tails.share(WEB),
      tails.share(WEB),
      tails.share('runtime:api'),
    ]);
    expect(new Set(shares.map(({ tail }) => tail)).size).toBe(2);
    expect(watches.open).toBe(2);
    await shares[0][Symbol.asyncDispose]();
    await shares[0][Symbol.asyncDispose](); // twice counts once
    await shares[3][Symbol.asyncDispose]();
    expect(watches.open).toBe(1);
    await shares[1][Symbol.asyncDispose]();
    expect(watches.open).toBe(1);
    await shares[2][Symbol.asyncDispose]();
    expect(watches.open).toBe(0);
    await tails[Symbol.asyncDispose]();
  });

  it('begin anew where the head is when the last reader had gone', async () => {
    const { tails, memory, watches } = opened();
    await (await tails.share(WEB))[Symbol.asyncDispose]();
    await memory.append(WEB, [line(1)]);
    await using share = await tails.share(WEB);
    expect([share.tail.last, watches.ever]).toEqual([1, 2]);
    await tails[Symbol.asyncDispose]();
  });

  it('fail to open for all who asked, and open for the next', async () => {
    let failures = 1;
    const { tails, watches } = opened({
      head: async (call) => {
        await settled();
        if (failures-- > 0) throw new LogsError('UNAVAILABLE', 'away');
        return call();
      },
    });
    const asked = await Promise.allSettled([tails.share(WEB), tails.share(WEB)]);
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(watches.open).toBe(0);
    await using share = await tails.share(WEB);
    expect([share.tail.last, watches.open]).toEqual([0, 1]);
    await tails[Symbol.asyncDispose]();
  });

  it('closed while one opens close that one too, and open none after that', async () => {
    const { tails, watches } = opened({ head: async (call) => (await settled(), call()) });
    const opening = tails.share(WEB);
    await Promise.all([tails[Symbol.asyncDispose](), tails[Symbol.asyncDispose]()]);
    const share = await opening;
    await share[Symbol.asyncDispose]();
    expect(watches).toEqual({ open: 0, ever: 1 });
    await expect(tails.share(WEB)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('read what is held from memory, and what is not from the store, the same way', async () => {
    let reads = 0;
    const { tails, memory } = opened({ read: (call) => (reads++, call()) });
    for (let n = 1; n <= 10; n++) await memory.append(WEB, [line(n)]);
    await using share = await tails.share(WEB);
    for (let n = 11; n <= 20; n++) await memory.append(WEB, [line(n)]);
    await eventually(() => share.tail.last === 20);
    const shown = async (range: Parameters<typeof share.tail.read>[0]) =>
      (await share.tail.read(range)).batches.flatMap((batch) => batch.entries().map(({ index }) => index));
    expect(await shown({ after: 15, limit: 3 })).toEqual([16, 17, 18]);
    expect(await shown({ before: 21, limit: 2 })).toEqual([19, 20]);
    expect(reads).toBe(0);
    expect(await shown({ after: 8, limit: 4 })).toEqual([9, 10, 11, 12]);
    expect(reads).toBe(1);
    expect(await share.tail.head()).toEqual({ firstIndex: 1, lastIndex: 20 });
    await tails[Symbol.asyncDispose]();
  });

  it.each(Array.from({ length: 15 }, (_, seed) => seed))(
    'are open for exactly those streams that somebody reads, and tell each of them all (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const slow = async () => {
        for (let turns = random() * 4; turns > 1; turns--) await settled();
      };
      const { tails, memory, watches } = opened({ watch: slow, head: async (call) => (await slow(), call()) });
      const streams = Array.from({ length: 3 }, (_, at): StreamId => `runtime:s${at}`);
      const lasts = new Map<StreamId, number>();
      const held: { share: TailShare; next: number; wrong: number }[] = [];
      const pending: Promise<void>[] = [];
      const acquire = async (stream: StreamId) => {
        const share = await tails.share(stream);
        const reader = { share, next: share.tail.last + 1, wrong: 0 };
        share.tail.attach({
          batch: (batch) => {
            if (batch.first !== reader.next) reader.wrong++;
            reader.next = batch.last + 1;
          },
          gap: () => reader.wrong++,
          end: () => reader.wrong++,
        });
        held.push(reader);
      };
      for (let step = 0; step < 150; step++) {
        const stream = streams[Math.floor(random() * streams.length)]!;
        const what = random();
        if (what < 0.4) {
          const last = lasts.get(stream) ?? 0;
          await memory.append(stream, [line(last + 1), line(last + 2)]);
          lasts.set(stream, last + 2);
        } else if (what < 0.7) {
          pending.push(acquire(stream));
        } else {
          const [leaving] = held.splice(Math.floor(random() * held.length), 1);
          if (leaving) pending.push(Promise.resolve(leaving.share[Symbol.asyncDispose]()));
        }
        if (random() < 0.3) await settled();
      }
      await Promise.all(pending);
      for (const reader of held) await eventually(() => reader.next - 1 === (lasts.get(reader.share.tail.stream) ?? 0));
      expect(held.filter(({ wrong }) => wrong > 0)).toEqual([]);
      expect(watches.open).toBe(new Set(held.map(({ share }) => share.tail.stream)).size);
      await tails[Symbol.asyncDispose]();
      expect(watches.open).toBe(0);
    },
  );
});
