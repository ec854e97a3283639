import { describe, expect, it } from '@jest/globals';
import type { Gap, Outcome, StreamId } from '@kubidu/contracts';
import { eventually, interfered, ManualClock, seededRandom } from '@kubidu/testing';
import type { Interference } from '@kubidu/testing';

import { Batch } from './batch.ts';
import type { LogStore, Wake } from './log-store.ts';
import { LogsError } from './logs-error.ts';
import { MemoryLogStore } from './memory-log-store.ts';
import { Ring, RingBudget } from './ring.ts';
import { Tail } from './tail.ts';
import type { OnTailFault, TailListener } from './tail.ts';

const STREAM: StreamId = 'runtime:web';
const away = () => new LogsError('UNAVAILABLE', 'away');
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
const lines = (count: number, from = 1) =>
  Array.from({ length: count }, (_, at) => `{"timestamp":"2026-11-20T00:00:00Z","message":"${from + at}"}`);

/** What a listener was told, in order. */
class Heard implements TailListener {
  readonly told: (number | string)[] = [];
  /** How many batches came. */
  batches = 0;

  batch(batch: Batch): void {
    this.batches++;
    for (const { index, message } of batch.entries())
      this.told.push(String(index) === message ? index : `damaged ${index}`);
  }
  gap({ from, to, reason }: Gap): void {
    this.told.push(`${from}–${to} ${reason}`);
  }
  end({ status }: Outcome): void {
    this.told.push(status);
  }
}

/** A tail on a store in memory that has `before` entries. */
async function opened(interference: Interference = {}, before = 0, onFault?: OnTailFault) {
  const memory = new MemoryLogStore();
  const clock = new ManualClock();
  if (before > 0) await memory.append(STREAM, lines(before));
  const store = interfered(memory, interference);
  const ring = new Ring(new RingBudget());
  const tail = await Tail.open(store, STREAM, ring, clock, onFault);
  const heard = new Heard();
  tail.attach(heard);
  let last = before;
  const append = async (count = 1) => {
    await memory.append(STREAM, lines(count, last + 1));
    last += count;
  };
  return { memory, clock, ring, tail, heard, append };
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

describe('a tail', () => {
  it('tells what is stored from its opening on, once each, in order', async () => {
    const { tail, heard, append } = await opened({}, 5);
    expect(tail.last).toBe(5);
    await append();
    await append(3);
    await eventually(() => tail.last === 9);
    expect(heard.told).toEqual(range(6, 9));
    await tail[Symbol.asyncDispose]();
  });

  it('announces together what came together', async () => {
    const { tail, heard, append } = await opened();
    for (let times = 0; times < 50; times++) await append(2);
    await eventually(() => tail.last === 100);
    expect([heard.told, heard.batches]).toEqual([range(1, 100), 1]);
    await tail[Symbol.asyncDispose]();
  });

  it('reads nothing from the store while every wake comes', async () => {
    let reads = 0;
    const { tail, append } = await opened({ read: (call) => (reads++, call()) });
    for (let times = 0; times < 50; times++) {
      await append();
      if (times % 7 === 0) await settled();
    }
    await eventually(() => tail.last === 50);
    expect(reads).toBe(0);
    await tail[Symbol.asyncDispose]();
  });

  it.each([
    { what: 'is lost, once the next one comes', wake: (nth: number) => (nth === 2 ? 0 : 1) },
    { what: 'comes twice', wake: () => 2 },
    { what: 'comes three times, every other one', wake: (nth: number) => (nth % 2) * 2 + 1 },
  ])('misses and repeats nothing when a wake $what', async ({ wake }) => {
    let nth = 0;
    const { tail, heard, append } = await opened({
      wake: (given, deliver) => {
        for (let times = wake(++nth); times > 0; times--) deliver(given);
      },
    });
    for (let times = 0; times < 9; times++) {
      await append(2);
      await settled();
    }
    await eventually(() => tail.last === 18);
    expect(heard.told).toEqual(range(1, 18));
    await tail[Symbol.asyncDispose]();
  });

  it('tells what was stored while it opened, though no other wake ever comes', async () => {
    const memory = new MemoryLogStore();
    const store = interfered(memory, {
      head: async (call) => {
        const head = await call();
        await memory.append(STREAM, lines(3));
        return head;
      },
    });
    const tail = await Tail.open(store, STREAM, new Ring(new RingBudget()), new ManualClock());
    const heard = new Heard();
    expect(tail.last).toBe(0);
    tail.attach(heard);
    await eventually(() => tail.last === 3);
    expect(heard.told).toEqual([1, 2, 3]);
    await tail[Symbol.asyncDispose]();
  });

  it('repeats nothing of wakes that overlap', async () => {
    const all: string[] = [];
    const { tail, heard, append } = await opened({
      wake: ({ batch }, deliver) => {
        all.push(...(batch?.lines ?? []));
        const from = Math.max(0, all.length - 5);
        deliver({ batch: new Batch(from + 1, all.slice(from)) });
      },
    });
    for (let times = 0; times < 10; times++) {
      await append(2);
      if (times % 4 === 3) await settled();
    }
    await eventually(() => tail.last === 20);
    expect(heard.told).toEqual(range(1, 20));
    await tail[Symbol.asyncDispose]();
  });

  it.each([
    { late: 6, told: [...range(1, 6), '7–8 trimmed', 9, 10] },
    { late: 8, told: range(1, 10) },
  ])('tells of no gap what a late wake brought, up to $late, while it read', async ({ late, told }) => {
    let deliverLate: ((wake: Wake) => void) | undefined;
    const { memory, tail, heard, append } = await opened({
      wake: ({ batch }, deliver) => {
        if (batch!.last <= 4 || batch!.first === 10) deliver({ batch: batch! });
        deliverLate = deliver;
      },
      read: async (call) => {
        const page = await call();
        deliverLate!({ batch: new Batch(5, lines(late - 4, 5)) });
        await settled();
        await settled();
        return page;
      },
    });
    await append(4);
    await settled();
    for (let times = 0; times < 4; times++) await append(1); // 5 to 8, unheard of
    await append(1);
    await memory.trim(STREAM, { through: 8 });
    await append(1);
    await eventually(() => tail.last === 10);
    expect(heard.told).toEqual(told);
    await tail[Symbol.asyncDispose]();
  });

  it('reads the store when a wake says only that something may have happened', async () => {
    const { tail, heard, append } = await opened({ wake: (_, deliver) => deliver({}) });
    await append(2_500); // more than a page of catching up
    await eventually(() => tail.last === 2_500);
    expect(heard.told).toEqual(range(1, 2_500));
    await tail[Symbol.asyncDispose]();
  });

  it('says what was trimmed before it could be read', async () => {
    let deaf = true;
    const { memory, tail, heard, append } = await opened({ wake: (given, deliver) => deaf || deliver(given) });
    for (let times = 0; times < 5; times++) await append(2);
    await memory.trim(STREAM, { through: 6 });
    deaf = false;
    await append(1);
    await eventually(() => tail.last === 11);
    expect(heard.told).toEqual(['1–6 trimmed', ...range(7, 11)]);
    expect((await tail.read({ after: 6, limit: 9 })).gaps).toEqual([]);
    await tail[Symbol.asyncDispose]();
  });

  it.each([
    { what: 'a wake of its own', wakes: (batch: Batch, ended: Outcome): Wake[] => [{ batch }, { ended }] },
    { what: 'the wake of the last batch', wakes: (batch: Batch, ended: Outcome): Wake[] => [{ batch, ended }] },
    { what: 'a wake that comes before it', wakes: (batch: Batch, ended: Outcome): Wake[] => [{ ended }, { batch }] },
    { what: 'a wake that says nothing', wakes: (): Wake[] => [{}] },
    {
      what: 'wakes that repeat',
      wakes: (batch: Batch, ended: Outcome): Wake[] => [{ ended }, { batch, ended }, { ended }],
    },
  ])('tells the end once, after everything, when it comes with $what', async ({ wakes }) => {
    let batch: Batch | undefined;
    const { memory, tail, heard, append } = await opened({
      wake: (given, deliver) => {
        batch = given.batch ?? batch;
        if (given.ended) for (const wake of wakes(batch!, given.ended)) deliver(wake);
      },
    });
    await append(3);
    await memory.end(STREAM, { status: 'failed', exitCode: 1 });
    await eventually(() => tail.ended !== undefined);
    await settled();
    expect(heard.told).toEqual([1, 2, 3, 'failed']);
    await tail[Symbol.asyncDispose]();
  });

  it('of a stream that has ended knows so, and tells nothing', async () => {
    const memory = new MemoryLogStore();
    await memory.append(STREAM, lines(2));
    await memory.end(STREAM, { status: 'succeeded' });
    const tail = await Tail.open(memory, STREAM, new Ring(new RingBudget()), new ManualClock());
    expect([tail.last, tail.ended]).toEqual([2, { status: 'succeeded' }]);
    await tail[Symbol.asyncDispose]();
  });
});

describe('a tail while the store is away', () => {
  it.each([
    { failure: away(), what: 'as expected' },
    { failure: new LogsError('INTERNAL', 'a defect'), what: 'by a defect of the store' },
    { failure: new TypeError('undefined is no function'), what: 'by a defect of ours' },
  ])('tries again, ever more slowly, and says so: $what', async ({ failure }) => {
    let failures = 7;
    const faults: unknown[] = [];
    const { tail, heard, clock, append } = await opened(
      {
        wake: (_, deliver) => deliver({}),
        read: (call) => (failures-- > 0 ? Promise.reject(failure) : call()),
      },
      0,
      (stream, error) => faults.push(stream, error),
    );
    const waits: unknown[] = [];
    await append(3);
    while (tail.last < 3) {
      await settled();
      if (clock.sleeping === 0) continue;
      waits.push(clock.nextMs);
      clock.advance(clock.nextMs ?? 0);
    }
    expect(waits).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000]);
    expect(faults).toEqual(Array.from({ length: 7 }, () => [STREAM, failure]).flat());
    expect(heard.told).toEqual([1, 2, 3]);
    await tail[Symbol.asyncDispose]();
  });

  it.each([
    { at: 'watching', interference: { watch: () => Promise.reject(away()) } },
    { at: 'reading the head', interference: { head: () => Promise.reject(away()) } },
  ])('does not open, and leaves no watch behind: $at', async ({ interference }) => {
    const memory = new MemoryLogStore();
    let watches = 0;
    const store: LogStore = {
      ...interfered(memory, interference),
      watch: async (stream, onWake) => {
        const watch = await interfered(memory, interference).watch(stream, onWake);
        watches++;
        return {
          [Symbol.asyncDispose]: () => {
            watches--;
            return watch[Symbol.asyncDispose]();
          },
        };
      },
    };
    const opening = Tail.open(store, STREAM, new Ring(new RingBudget()), new ManualClock());
    await expect(opening).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(watches).toBe(0);
  });
});

describe('a listener', () => {
  it('that comes while others are told begins behind what they are told', async () => {
    const { tail, heard, append } = await opened();
    const late = new Heard();
    const detach = tail.attach({ batch: () => tail.attach(late), gap: () => undefined, end: () => undefined });
    await append(2);
    await eventually(() => tail.last === 2);
    detach();
    await append(2);
    await eventually(() => tail.last === 4);
    expect([heard.told, late.told]).toEqual([range(1, 4), [3, 4]]);
    await tail[Symbol.asyncDispose]();
  });

  it('that leaves, or is sent away by another, hears nothing more', async () => {
    const { tail, append } = await opened();
    const away = new Heard();
    const itself = new Heard();
    const leave = tail.attach({
      batch: (batch) => {
        itself.batch(batch);
        leave();
        sendAway();
      },
      gap: () => undefined,
      end: () => undefined,
    });
    const sendAway = tail.attach(away);
    await append(1);
    await eventually(() => tail.last === 1);
    await append(1);
    await eventually(() => tail.last === 2);
    expect([itself.told, away.told]).toEqual([[1], []]);
    await tail[Symbol.asyncDispose]();
  });

  it.each([
    { when: 'with something to announce', prepare: () => Promise.resolve(), interference: {} },
    {
      when: 'while it reads',
      prepare: settled,
      interference: {
        wake: (_: Wake, deliver: (wake: Wake) => void) => deliver({}),
        read: async <T>(call: () => Promise<T>) => (await settled(), call()),
      },
    },
    {
      when: 'while it waits for the store',
      prepare: async () => {
        await settled();
        await settled();
      },
      interference: {
        wake: (_: Wake, deliver: (wake: Wake) => void) => deliver({}),
        read: () => Promise.reject(away()),
      },
    },
  ])('hears nothing of a tail closed $when, and nothing of the tail is left', async ({ prepare, interference }) => {
    const { ring, tail, heard, clock, append } = await opened(interference);
    await append(2);
    await prepare();
    await Promise.all([tail[Symbol.asyncDispose](), tail[Symbol.asyncDispose]()]);
    await append(2);
    await settled();
    await settled();
    expect([heard.told, clock.sleeping, ring.size]).toEqual([[], 0, 0]);
  });
});

describe('any reader', () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed))(
    'hears 1, 2, 3 … once each, and of a gap only where something was trimmed, whatever the store and its wakes do (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const chaos = 0.02 + random() * 0.4;
      const held: (() => void)[] = [];
      let watcher: (wake: Wake) => void = () => undefined;
      const interference: Interference = {
        wake: (given, deliver) => {
          watcher = deliver;
          const how = random();
          if (how < chaos / 3) return; // lost
          const wake = how < chaos / 2 ? {} : given;
          const times = how < chaos ? 2 : 1;
          for (let nth = 0; nth < times; nth++)
            if (random() < chaos) held.push(() => deliver(wake));
            else deliver(wake);
        },
        read: async (call) => {
          if (random() < chaos) throw away();
          if (random() < chaos) await settled();
          const page = await call();
          if (random() < chaos) await settled();
          if (random() < chaos / 2) throw away();
          return page;
        },
        head: async (call) => {
          const head = await call();
          if (random() < 0.5) await settled();
          return head;
        },
      };
      const memory = new MemoryLogStore();
      const clock = new ManualClock();
      const store = interfered(memory, interference);
      let last = 0;
      let trimmed = 0;
      const appendSome = async () => {
        const count = 1 + Math.floor(random() * 9);
        await memory.append(STREAM, lines(count, last + 1));
        last += count;
      };
      for (let times = random() * 20; times > 1; times--) await appendSome();
      const opening = Tail.open(store, STREAM, new Ring(new RingBudget(2_000)), clock);
      for (let times = random() * 5; times > 1; times--) await appendSome(); // during the opening
      const tail = await opening;
      const readers: { begin: number; heard: Heard }[] = [];
      const join = () => {
        const heard = new Heard();
        readers.push({ begin: tail.last, heard });
        tail.attach(heard);
      };
      join();
      const pass = async () => {
        await settled();
        clock.advance(2_000);
        for (let times = random() * held.length; times > 1; times--)
          held.splice(Math.floor(random() * held.length), 1)[0]?.();
      };
      for (let step = 0; step < 150; step++) {
        await appendSome();
        if (random() < 0.4) await pass();
        if (random() < 0.05) join();
        if (random() < 0.05) {
          trimmed = Math.max(trimmed, Math.floor(random() * last));
          await memory.trim(STREAM, { through: trimmed });
        }
      }
      await memory.end(STREAM, { status: 'succeeded' });
      for (let times = 0; tail.ended === undefined && times < 1_000; times++) {
        await pass();
        watcher({}); // as after a lost connection: no other wake needs to come any more
      }
      await pass();
      expect(readers.map(({ begin, heard }) => faultIn(heard.told, begin, last, trimmed))).toEqual(
        readers.map(() => 'none'),
      );
      await tail[Symbol.asyncDispose]();
    },
  );
});

/** What is wrong with what a reader that began behind `begin` was told. */
function faultIn(told: readonly (number | string)[], begin: number, last: number, trimmed: number): string {
  let next = begin + 1;
  for (const [at, one] of told.entries()) {
    const [from, to] = typeof one === 'number' ? [one, one] : one.split(/[– ]/).map(Number);
    if (one === 'succeeded' && next === last + 1 && at === told.length - 1) return 'none';
    if (from !== next) return `${one} instead of ${next}`;
    if (typeof one === 'string' && !(to! <= trimmed))
      return `${one} is a gap, but only what is up to ${trimmed} was trimmed`;
    next = to! + 1;
  }
  return `no end after ${next - 1} of ${last}`;
}
