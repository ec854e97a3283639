import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { hasCode, LogsError, Masker, MemoryLeases, MemoryLogStore } from '@kubidu/core';
import type { HeldLease, Leases, LogStore, Sink } from '@kubidu/core';
import { eventually, interfered } from '@kubidu/testing';
import { pino } from 'pino';

import { ScriptedSource, numbered } from '../../testing/scripted-source.ts';
import { loadConfig } from '../config/config.ts';
import { Metrics } from '../ops/metrics.ts';
import { Collector } from './collector.ts';
import { Sources } from './sources.ts';

const logger = pino({ level: 'silent' });

/** One replica: a collector over its own view of the source. */
async function replica(
  store: LogStore,
  leases: Leases,
  environment: Record<string, string> = {},
  source = new ScriptedSource(),
) {
  const sources = new Sources([{ name: 'scripted', source }]);
  const metrics = new Metrics();
  const { config } = loadConfig({ KUBIDU_PROCFILE: 'off', ...environment });
  const collector = new Collector(config, store, leases, logger, metrics, new Masker(), sources);
  await sources.start();
  return { source, sources, collector, metrics, [Symbol.asyncDispose]: () => collector.close() };
}

async function messages(store: LogStore, after = 0): Promise<string[]> {
  const page = await store.read('runtime:web', { after, limit: 1_000 });
  return page.batches.flatMap((batch) => batch.entries()).map(({ message }) => message);
}

/** A source that stores its last words, however long that takes, before it ends; and then says something more. */
class WaitingSource extends ScriptedSource {
  waiting = 0;
  readonly refused: string[] = [];

  override async follow(_serviceId: string, sink: Sink): Promise<void> {
    for (const name of ['pod-1', 'pod-2']) {
      const writer = sink.open(name, {});
      writer.lines(numbered(1, 1), 'at 1');
      this.waiting++;
      await writer.flush().catch((error: unknown) => this.refused.push(hasCode(error, 'CONFLICT') ? 'CONFLICT' : '?'));
    }
  }
}

/** Leases that a test takes away. */
class FickleLeases implements Leases {
  readonly held: { fence: number; lose: () => void }[] = [];

  async acquire(): Promise<HeldLease | undefined> {
    const lost = new AbortController();
    const fence = this.held.length + 1;
    this.held.push({ fence, lose: () => lost.abort() });
    return { fence, lost: lost.signal, release: async () => undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

afterEach(() => {
  jest.useRealTimers();
});

describe('the collector', () => {
  it('follows the services that come and stores their lines with the place they were read to', async () => {
    const store = new MemoryLogStore();
    await using one = await replica(store, new MemoryLeases());
    one.source.has('web');
    await eventually(() => expect(one.source.following.has('web')).toBe(true));
    const writer = one.source.writer('web', 'pod-1');
    writer.lines(numbered(1, 3), 'at 3', 'stdout');
    await writer.flush();
    expect(await messages(store)).toEqual(['line 1', 'line 2', 'line 3']);
    expect(await store.cursors('runtime:web')).toEqual(new Map([['pod-1', 'at 3']]));
    expect(await one.metrics.registry.metrics()).toContain('kubidu_logs_appended_lines_total{kind="runtime"} 3');
  });

  it('follows a service once in the installation, and hands it over when the follower stops', async () => {
    const store = new MemoryLogStore();
    const leases = new MemoryLeases();
    const first = await replica(store, leases);
    await using second = await replica(store, leases);
    first.source.has('web');
    await eventually(() => expect(first.source.following.has('web')).toBe(true));
    second.source.has('web');
    const writer = first.source.writer('web', 'pod-1');
    writer.lines(numbered(1, 2), 'at 2');
    await first.collector.close();
    expect(second.source.following.has('web')).toBe(false);
    await eventually(() => expect(second.source.following.get('web')?.cursor('pod-1')).toBe('at 2'));
    second.source.writer('web', 'pod-1').lines(numbered(3, 4), 'at 4');
    await eventually(async () => expect(await messages(store)).toEqual(['line 1', 'line 2', 'line 3', 'line 4']));
    expect(await first.metrics.registry.metrics()).toContain('kubidu_logs_follows{state="following"} 0');
  });

  it('stores what was read before it stops', async () => {
    const store = new MemoryLogStore();
    const one = await replica(store, new MemoryLeases());
    one.source.has('web');
    await eventually(() => expect(one.source.following.has('web')).toBe(true));
    const writer = one.source.writer('web', 'pod-1');
    for (let n = 1; n <= 50; n++) writer.lines(numbered(n, n), `at ${n}`);
    await one.collector.close();
    expect(await messages(store)).toHaveLength(50);
  });

  it('stops at once when it loses the lease, and goes on from what is stored when it has it again', async () => {
    const store = new MemoryLogStore();
    const leases = new FickleLeases();
    await using one = await replica(store, leases);
    one.source.has('web');
    await eventually(() => expect(one.source.following.has('web')).toBe(true));
    const before = one.source.writer('web', 'pod-1');
    before.lines(numbered(1, 1), 'at 1');
    await before.flush();
    leases.held[0]?.lose();
    await eventually(() => expect(leases.held).toHaveLength(2));
    await expect(before.ready()).rejects.toMatchObject({ code: 'CONFLICT' });
    await eventually(() => expect(one.source.following.get('web')?.cursor('pod-1')).toBe('at 1'));
    const after = one.source.writer('web', 'pod-1');
    after.lines(numbered(2, 2), 'at 2');
    await after.flush();
    expect(await messages(store)).toEqual(['line 1', 'line 2']);
  });

  it.each([
    { when: 'it stops', end: (_: FickleLeases, collector: Collector) => collector.close() },
    { when: 'it loses the lease', end: (leases: FickleLeases) => Promise.resolve(leases.held[0]?.lose()) },
  ])('does not wait for a source that waits for a store that is away when $when', async ({ end }) => {
    const away = () => Promise.reject(new LogsError('UNAVAILABLE', 'away'));
    const leases = new FickleLeases();
    const source = new WaitingSource();
    await using one = await replica(interfered(new MemoryLogStore(), { append: away }), leases, {}, source);
    source.has('web');
    await eventually(() => source.waiting === 1);
    await end(leases, one.collector);
    await eventually(() => expect(source.refused).toEqual(['CONFLICT', 'CONFLICT']));
  });

  it('begins once a store that is away is back', async () => {
    const store = new MemoryLogStore();
    const cursors = jest.spyOn(store, 'cursors').mockRejectedValueOnce(new LogsError('UNAVAILABLE', 'away'));
    await using one = await replica(store, new MemoryLeases());
    one.source.has('web');
    await eventually(() => expect(one.source.following.has('web')).toBe(true));
    expect(cursors).toHaveBeenCalledTimes(2);
  });

  it('opens a source again on the writer it has', async () => {
    const store = new MemoryLogStore();
    await using one = await replica(store, new MemoryLeases());
    one.source.has('web');
    await eventually(() => expect(one.source.following.has('web')).toBe(true));
    one.source.writer('web', 'pod-1').lines(numbered(1, 1), 'at 1');
    expect(one.source.following.get('web')?.cursor('pod-1')).toBe('at 1');
    const again = one.source.writer('web', 'pod-1');
    again.event({ type: 'container-exited', exitCode: 1, reason: 'Error', restart: 0 }, 'exited');
    await again.flush();
    again.event({ type: 'lost', reason: 'rotated', lines: 4 }, 'lost');
    await again.flush();
    expect(await messages(store)).toHaveLength(3);
    expect(await one.metrics.registry.metrics()).toContain('kubidu_logs_lost_lines_total{reason="rotated"} 4');
  });

  it('says who writes, and tells when that changes', async () => {
    await using one = await replica(new MemoryLogStore(), new MemoryLeases());
    const told = jest.fn();
    const stop = one.collector.onSources('runtime:web', told);
    one.source.has('web', { pods: [{ podName: 'a', container: 'app', state: 'waiting', restart: 2 }] });
    expect(one.collector.sources('runtime:web')).toEqual([{ podName: 'a', container: 'app', state: 'waiting' }]);
    await eventually(() => expect(one.source.following.has('web')).toBe(true));
    told.mockClear();
    one.source.sources('web', [{ podName: 'a', container: 'app', state: 'running' }]);
    expect(told).toHaveBeenCalledTimes(1);
    expect(one.collector.sources('runtime:web')).toEqual([{ podName: 'a', container: 'app', state: 'running' }]);
    expect(one.collector.sources('job:web')).toEqual([]);
    stop();
    one.source.sources('web', []);
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('follows nothing without the role', async () => {
    const leases = new FickleLeases();
    await using one = await replica(new MemoryLogStore(), leases, { KUBIDU_ROLES: 'gateway' });
    one.source.has('web');
    await one.collector.close();
    expect(leases.held).toEqual([]);
  });
});

describe('collection on demand', () => {
  const DEMAND = { KUBIDU_COLLECT: 'on-demand' };

  it('follows while somebody reads, and 30 s longer', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    await using one = await replica(new MemoryLogStore(), new MemoryLeases(), DEMAND);
    one.source.has('web');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(one.source.following.has('web')).toBe(false);
    const reader = one.collector.want('runtime:web');
    const other = one.collector.want('runtime:web');
    await jest.advanceTimersByTimeAsync(0);
    expect(one.source.following.has('web')).toBe(true);
    await reader[Symbol.asyncDispose]();
    await reader[Symbol.asyncDispose]();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(one.source.following.has('web')).toBe(true);
    await other[Symbol.asyncDispose]();
    await jest.advanceTimersByTimeAsync(20_000);
    const back = one.collector.want('runtime:web');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(one.source.following.has('web')).toBe(true);
    await back[Symbol.asyncDispose]();
    await jest.advanceTimersByTimeAsync(29_000);
    expect(one.source.following.has('web')).toBe(true);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(one.source.following.has('web')).toBe(false);
    await jest.advanceTimersByTimeAsync(0);
    one.collector.want('runtime:web');
    await jest.advanceTimersByTimeAsync(2_000);
    expect(one.source.following.has('web')).toBe(true);
  });

  it('begins with a service that was wanted before it came', async () => {
    await using one = await replica(new MemoryLogStore(), new MemoryLeases(), DEMAND);
    await using _reader = one.collector.want('runtime:web');
    one.source.has('web');
    await eventually(() => expect(one.source.following.has('web')).toBe(true));
  });

  it('follows always what could not be read later, whoever reads', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const source = new ScriptedSource({ rereadable: false });
    await using one = await replica(new MemoryLogStore(), new MemoryLeases(), DEMAND, source);
    source.has('web');
    await jest.advanceTimersByTimeAsync(0);
    expect(source.following.has('web')).toBe(true);
    await one.collector.want('runtime:web')[Symbol.asyncDispose]();
    const sink = source.following.get('web');
    await jest.advanceTimersByTimeAsync(120_000);
    expect(source.following.get('web')).toBe(sink);
  });

  it('follows a service that went for 30 s more, since its last lines are on their way', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    await using one = await replica(new MemoryLogStore(), new MemoryLeases());
    one.source.has('web');
    await jest.advanceTimersByTimeAsync(0);
    one.source.lacks('web');
    await jest.advanceTimersByTimeAsync(29_000);
    expect(one.source.following.has('web')).toBe(true);
    one.source.has('web');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(one.source.following.has('web')).toBe(true);
    one.source.lacks('web');
    await jest.advanceTimersByTimeAsync(31_000);
    expect(one.source.following.has('web')).toBe(false);
  });
});
