import { describe, expect, it } from '@jest/globals';
import type { LogEntry, StreamId } from '@kubidu/contracts';
import { interfered, ManualClock, seededRandom } from '@kubidu/testing';
import type { Interference } from '@kubidu/testing';

import { Appender } from './appender.ts';
import type { AppenderOptions } from './appender.ts';
import type { AppendOptions, LogStore } from './log-store.ts';
import { LogsError } from './logs-error.ts';
import { MemoryLogStore } from './memory-log-store.ts';
import { WriteBudget } from './write-budget.ts';

const STREAM: StreamId = 'runtime:web';
const TIME = '2026-11-20T00:00:00.123456789Z';
const MEBI = 1024 * 1024;
const away = () => new LogsError('UNAVAILABLE', 'away');
const line = (message: string | number) => ({ timestamp: TIME, message: String(message) });
const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => line(from + at));
/** Lets everything that is ready to go on do so. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
const codeOf = (promise: Promise<void>) =>
  promise.then(
    () => 'fine',
    (error: unknown) => (error instanceof LogsError ? error.code : error),
  );
/** 'waits' unless the promise is settled by the next turn. */
const stateOf = async (promise: Promise<void>) => Promise.race([codeOf(promise), settled().then(() => 'waits')]);

/** An appender on a store in memory, what it handed to the store, and a gate before each append. */
function opened(interference: Interference = {}, options: Partial<AppenderOptions> = {}) {
  const memory = new MemoryLogStore();
  const clock = new ManualClock();
  const calls: { lines: readonly string[]; options: AppendOptions }[] = [];
  const store: LogStore = interfered(memory, {
    append: (call, what) => {
      calls.push(what);
      return interference.append ? interference.append(call, what) : call();
    },
  });
  const appender = new Appender({
    ...{ store, stream: STREAM, source: 'pod/app/0', labels: { podName: 'web-1' }, writer: 'w', clock },
    ...options,
  });
  const stored = async (): Promise<LogEntry[]> => {
    const { batches } = await memory.read(STREAM, { after: 0, limit: 100_000 });
    return batches.flatMap((batch) => batch.entries());
  };
  const messages = async () => (await stored()).map(({ message }) => message);
  const cursor = async () => (await memory.cursors(STREAM)).get('pod/app/0');
  return { appender, memory, clock, calls, stored, messages, cursor };
}

/** An append that waits until the test lets it go on. */
function gated() {
  const waiting: (() => void)[] = [];
  const append: Interference['append'] = async (call) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return call();
  };
  const open = async () => {
    waiting.shift()?.();
    await settled();
  };
  return { append, open };
}

describe('an appender', () => {
  it('hands an idle source’s line to the store at once, alone', async () => {
    const { appender, calls, stored, cursor } = opened();
    appender.lines([line('hello')], 'c1', 'stdout');
    expect(calls).toHaveLength(1); // not even a turn of the event loop later
    await appender.flush();
    expect(await stored()).toEqual([
      { index: 1, timestamp: TIME, message: 'hello', stream: 'stdout', podName: 'web-1' },
    ]);
    expect(await cursor()).toBe('c1');
  });

  it('lets lines collect while an append is under way, and then sends them together', async () => {
    const { append, open } = gated();
    const { appender, calls, cursor } = opened({ append });
    for (let n = 1; n <= 100; n++) appender.lines([line(n)], `c${n}`);
    expect(calls.map((call) => call.lines.length)).toEqual([1]);
    await open();
    expect(calls.map((call) => call.lines.length)).toEqual([1, 99]);
    expect(await cursor()).toBe('c1');
    await open();
    expect(await cursor()).toBe('c100');
  });

  it.each([
    { what: '500 lines', groups: [1, 200, 200, 200, 500, 300], size: 1, batches: [1, 400, 200, 500, 300] },
    { what: '1 MiB', groups: [1, 3, 3, 3], size: 150_000, batches: [1, 6, 3] },
    { what: 'one group, however large', groups: [1, 5, 1], size: 250_000, batches: [1, 5, 1] },
  ])('makes batches of at most $what, never parting lines from their cursor', async ({ groups, size, batches }) => {
    const { appender, calls, cursor } = opened();
    groups.forEach((count, at) =>
      appender.lines(
        Array.from({ length: count }, () => line('x'.repeat(size))),
        `c${at}`,
      ),
    );
    await appender.flush();
    expect(calls.map((call) => call.lines.length)).toEqual(batches);
    expect(await cursor()).toBe(`c${groups.length - 1}`);
  });

  it('writes events in words, in the order of the calls', async () => {
    const { appender, stored } = opened({}, { labels: { podName: 'web-1', container: 'app', restart: 2 } });
    appender.event({ type: 'container-started', restart: 2 }, 'c0', TIME);
    appender.lines([line('ready')], 'c1');
    appender.event({ type: 'pod-deleted' }, 'c2');
    await appender.flush();
    const labels = { podName: 'web-1', container: 'app', restart: 2 };
    expect(await stored()).toEqual([
      {
        ...{ index: 1, timestamp: TIME, message: 'container started again (restart 2)', stream: 'system', ...labels },
        event: { type: 'container-started', restart: 2 },
      },
      { index: 2, timestamp: TIME, message: 'ready', ...labels },
      {
        ...{ index: 3, timestamp: '2026-11-20T00:00:00.000Z', message: 'pod deleted', stream: 'system', ...labels },
        event: { type: 'pod-deleted' },
      },
    ]);
  });

  it('asks the store for nothing when there are no lines', async () => {
    const { appender, calls } = opened();
    appender.lines([], 'c1');
    await appender.flush();
    expect(calls).toEqual([]);
  });

  it('reports what each append carried', async () => {
    const reports: object[] = [];
    const { appender } = opened({}, { onAppend: (report) => reports.push(report) });
    appender.lines(lines(1, 3), 'c');
    await appender.flush();
    expect(reports).toEqual([{ stream: STREAM, lines: 3, bytes: expect.any(Number), tookMs: 0, writtenAt: TIME }]);
  });
});

describe('an appender whose store is away', () => {
  it.each([
    { when: 'before it stored', stores: false },
    { when: 'after it stored', stores: true },
  ])('sends the same batch again after a failure $when, and it is stored once', async ({ stores }) => {
    let failures = 6;
    const append: Interference['append'] = async (call) => {
      if (failures === 0) return call();
      failures--;
      if (stores) await call();
      throw away();
    };
    const waits: (number | undefined)[] = [];
    const retried: string[] = [];
    const { appender, clock, calls, messages, cursor } = opened(
      { append },
      { onRetry: ({ code }) => retried.push(code) },
    );
    for (let n = 1; n <= 9; n++) appender.lines([line(n)], `c${n}`);
    for (await settled(); clock.sleeping > 0; await settled()) {
      waits.push(clock.nextMs);
      clock.advance(clock.nextMs ?? 0);
    }
    await appender.flush();
    expect(await messages()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(await cursor()).toBe('c9');
    expect(waits).toEqual([50, 100, 200, 400, 800, 1_000]);
    expect(retried).toHaveLength(6);
    expect(calls.map(({ options }) => options.position?.sequence)).toEqual([1, 1, 1, 1, 1, 1, 1, 2]);
  });

  it.each([
    { failure: new LogsError('CONFLICT', 'ended'), code: 'CONFLICT' },
    { failure: new LogsError('INTERNAL', 'a defect'), code: 'INTERNAL' },
    { failure: new TypeError('a defect'), code: 'INTERNAL' },
  ])('fails ready and flush for good when the store says $failure', async ({ failure, code }) => {
    const budget = new WriteBudget(MEBI);
    const { appender, calls } = opened({ append: () => Promise.reject(failure) }, { budget });
    appender.lines([line('x'.repeat(MEBI))], 'c1');
    appender.lines([line('more')], 'c2');
    const waiting = [appender.ready(), appender.flush()].map(codeOf);
    expect(await Promise.all(waiting)).toEqual([code, code]);
    appender.lines([line('too late')], 'c3');
    expect(await Promise.all([appender.ready(), appender.flush()].map(codeOf))).toEqual([code, code]);
    expect([calls.length, budget.full]).toEqual([1, false]);
    await appender.close();
  });

  it('passes the number of its lease on, and stops when a newer one has written', async () => {
    const { appender, memory, messages } = opened({}, { fence: 7 });
    appender.lines([line('a')], 'c1');
    await appender.flush();
    await memory.append(STREAM, ['{"timestamp":"2026-11-20T00:00:00Z","message":"newer"}'], { fence: 8 });
    appender.lines([line('b')], 'c2');
    expect(await codeOf(appender.flush())).toBe('CONFLICT');
    expect(await messages()).toEqual(['a', 'newer']);
  });
});

describe('back-pressure', () => {
  it('begins at 128 KiB and ends when the store has taken enough', async () => {
    const { append, open } = gated();
    const { appender } = opened({ append });
    appender.lines([line('x'.repeat(128 * 1_024 - 1_000))], 'c1');
    expect(await stateOf(appender.ready())).toBe('fine');
    appender.lines([line('x'.repeat(1_000))], 'c2');
    const ready = appender.ready();
    expect(await stateOf(ready)).toBe('waits');
    await open();
    expect(await stateOf(ready)).toBe('fine');
    await open();
  });

  it('is shared: one full budget holds up every writer, and any of them ends it', async () => {
    const budget = new WriteBudget(1_000);
    const { append, open } = gated();
    const busy = opened({ append }, { budget });
    const idle = opened({}, { budget });
    busy.appender.lines([line('x'.repeat(1_000))], 'c1');
    const waiting = [busy.appender.ready(), idle.appender.ready(), idle.appender.ready()];
    expect(await Promise.all(waiting.map(stateOf))).toEqual(['waits', 'waits', 'waits']);
    await open();
    expect(await Promise.all(waiting.map(stateOf))).toEqual(['fine', 'fine', 'fine']);
    expect(budget.full).toBe(false);
  });

  it('ends for the others when the writer that held the budget is closed', async () => {
    const budget = new WriteBudget(1_000);
    const failing = opened({ append: () => Promise.reject(away()) }, { budget });
    const other = opened({}, { budget });
    failing.appender.lines([line('x'.repeat(1_000))], 'c1');
    failing.appender.lines([line('x'.repeat(1_000))], 'c2');
    const ready = other.appender.ready();
    expect(await stateOf(ready)).toBe('waits');
    await failing.appender.close();
    expect(await stateOf(ready)).toBe('fine');
    expect(budget.full).toBe(false);
  });

  it('wakes nobody who does not wait any more', async () => {
    const budget = new WriteBudget(1_000);
    const holder = { bytes: 5_000 };
    budget.take(holder.bytes);
    const { appender } = opened({}, { budget });
    const ready = codeOf(appender.ready());
    await appender.close();
    expect(await ready).toBe('CONFLICT');
    budget.give(holder.bytes);
  });

  it.each(Array.from({ length: 15 }, (_, seed) => seed))(
    'never leaves a writer waiting, and loses and doubles no line (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const budget = new WriteBudget(20_000);
      const memory = new MemoryLogStore();
      const clock = new ManualClock();
      const store = interfered(memory, {
        append: async (call) => {
          for (let turns = random() * 3; turns > 1; turns--) await settled();
          if (random() < 0.2) throw away();
          const answer = await call();
          if (random() < 0.2) throw away();
          return answer;
        },
      });
      const writers = Array.from({ length: 8 }, async (_, writer) => {
        const source = `s${writer}`;
        const appender = new Appender({ store, stream: STREAM, source, labels: {}, writer: source, clock, budget });
        for (let n = 1; n <= 120;) {
          const count = 1 + Math.floor(random() * 9);
          appender.lines(
            Array.from({ length: count }, (__, at) => line(`${source} ${n + at} ${'x'.repeat(random() * 400)}`)),
            `${n + count - 1}`,
          );
          n += count;
          await appender.ready();
        }
        await appender.flush();
        await appender.close();
      });
      let done = false;
      const all = Promise.all(writers).then(() => (done = true));
      for (let turns = 0; !done && turns < 20_000; turns++) {
        await settled();
        clock.advance(1_000);
      }
      expect(done).toBe(true);
      await all;
      const seen = new Map<string, number>();
      const { batches } = await memory.read(STREAM, { after: 0, limit: 100_000 });
      for (const { message } of batches.flatMap((batch) => batch.entries())) {
        const [source = '', n] = message.split(' ');
        expect(Number(n)).toBe((seen.get(source) ?? 0) + 1);
        seen.set(source, Number(n));
      }
      const cursors = await memory.cursors(STREAM);
      for (const [source, last] of seen) expect(cursors.get(source)).toBe(String(last));
      expect([seen.size, budget.full]).toEqual([8, false]);
    },
  );
});

describe('closing a writer', () => {
  it('drops what is not stored and rejects whoever waits', async () => {
    const { append, open } = gated();
    const { appender, messages, cursor } = opened({ append });
    appender.lines([line('under way')], 'c1');
    appender.lines([line('dropped')], 'c2');
    const waiting = codeOf(appender.flush());
    const closing = appender.close();
    expect(await waiting).toBe('CONFLICT');
    expect(await stateOf(closing)).toBe('waits'); // whoever asks for the cursor next must learn of the append under way
    await open();
    expect(await stateOf(closing)).toBe('fine');
    expect([await messages(), await cursor()]).toEqual([['under way'], 'c1']);
  });

  it('does not wait for a store that hangs', async () => {
    const budget = new WriteBudget(10);
    const { appender, clock } = opened({ append: () => new Promise(() => undefined) }, { budget });
    appender.lines([line('x')], 'c1');
    const closing = appender.close();
    expect([await stateOf(closing), budget.full]).toEqual(['waits', true]);
    clock.advance(6_000);
    expect([await stateOf(closing), budget.full, clock.sleeping]).toEqual(['fine', false, 0]);
  });

  it('gives the budget back once when a store that hung answers after all', async () => {
    const budget = new WriteBudget(10);
    const { append, open } = gated();
    const { appender, clock } = opened({ append }, { budget });
    appender.lines([line('x')], 'c1');
    const closing = appender.close();
    clock.advance(6_000);
    await closing;
    await open();
    budget.take(10);
    expect(budget.full).toBe(true);
  });

  it('ends a pause between two tries', async () => {
    const { appender, clock, calls } = opened({ append: () => Promise.reject(away()) });
    appender.lines([line('x')], 'c1');
    await settled();
    expect(clock.sleeping).toBe(1);
    expect(await stateOf(appender.close())).toBe('fine');
    expect([clock.sleeping, calls.length]).toEqual([0, 1]);
  });

  it('may be done twice, and before anything was written', async () => {
    const { appender } = opened();
    await Promise.all([appender.close(), appender.close()]);
    expect(await codeOf(appender.ready())).toBe('CONFLICT');
    appender.lines([line('x')], 'c1');
    appender.event({ type: 'pod-deleted' }, 'c2');
    await appender.close();
  });
});
