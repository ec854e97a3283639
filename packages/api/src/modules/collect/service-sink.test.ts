import { describe, expect, it } from '@jest/globals';
import { LogsError, Masker, MemoryLogStore, systemClock } from '@kubidu/core';
import type { LogStore } from '@kubidu/core';
import { eventually, interfered } from '@kubidu/testing';

import { numbered } from '../../testing/scripted-source.ts';
import { ServiceSink } from './service-sink.ts';

const STREAM = 'runtime:web';

/** A sink that goes on from what the store knows. */
async function sinkOf(store: LogStore): Promise<ServiceSink> {
  const cursors = await store.cursors(STREAM);
  const nothing = () => undefined;
  const masker = new Masker();
  return new ServiceSink({
    store,
    stream: STREAM,
    cursors,
    masker,
    clock: systemClock,
    onSources: nothing,
    onLost: nothing,
  });
}

const away = () => Promise.reject(new LogsError('UNAVAILABLE', 'away'));
const labels = { podName: 'web-1', container: 'app', restart: 0 };
const sources = async (store: LogStore) => [...(await store.cursors(STREAM)).keys()];

describe('the sink of a service', () => {
  it('forgets a source once all of it is stored, and keeps its entries', async () => {
    const store = new MemoryLogStore();
    const sink = await sinkOf(store);
    sink.open('old', labels).lines(numbered(1, 3), 'at 3');
    sink.open('new', labels).lines(numbered(4, 4), 'at 4');
    expect(sink.known()).toEqual(['old', 'new']);
    sink.forget(['old', 'nobody']);
    expect(sink.known()).toEqual(['new']);
    expect(sink.cursor('old')).toBeUndefined();
    await sink.flush();
    expect(await sources(store)).toEqual(['new']);
    expect(await store.head(STREAM)).toMatchObject({ lastIndex: 4 });
    await sink.close();
  });

  it('stores no secret that its sources write', async () => {
    const store = new MemoryLogStore();
    const sink = await sinkOf(store);
    const writer = sink.open('pod', labels);
    writer.lines([{ timestamp: '2026-11-20T00:00:00Z', message: 'redis://:pa55@cache' }], 'at 1', 'stdout');
    writer.event({ type: 'container-exited', exitCode: 1, reason: 'amqp://u:pa55@mq', restart: 0 }, 'at 2');
    await sink.flush();
    const { batches } = await store.read(STREAM, { after: 0, limit: 10 });
    const stored = batches.flatMap(({ lines }) => lines).join('\n');
    expect(stored).toContain('redis://***@cache');
    expect(stored).not.toContain('pa55');
    await sink.close();
  });

  it('knows what earlier follows left, and forgets that too', async () => {
    const store = new MemoryLogStore();
    const before = await sinkOf(store);
    for (const source of ['a', 'b', 'c']) before.open(source, labels).lines(numbered(1, 1), 'at 1');
    await before.flush();
    await before.close();
    const sink = await sinkOf(store);
    expect(sink.known()).toEqual(['a', 'b', 'c']);
    sink.forget(['a', 'c']);
    await sink.flush();
    await sink.close();
    expect(await sources(store)).toEqual(['b']);
  });

  it('ends the writer of a source that is forgotten', async () => {
    const store = new MemoryLogStore();
    const sink = await sinkOf(store);
    const writer = sink.open('old', labels);
    writer.lines(numbered(1, 1), 'at 1');
    sink.forget(['old']);
    await sink.flush();
    await expect(writer.ready()).rejects.toMatchObject({ code: 'CONFLICT' });
    await sink.close();
  });

  it('leaves to the next follow what the store was too far away to forget', async () => {
    const store = new MemoryLogStore();
    const sink = await sinkOf(interfered(store, { trim: away }));
    sink.open('old', labels).lines(numbered(1, 1), 'at 1');
    sink.forget(['old']);
    await sink.flush();
    await sink.close();
    expect(await sources(store)).toEqual(['old']);
  });

  it('forgets nothing of which the last lines are not stored when it is closed', async () => {
    const store = new MemoryLogStore();
    const sink = await sinkOf(interfered(store, { append: away }));
    sink.open('old', labels).lines(numbered(1, 1), 'at 1');
    sink.forget(['old']);
    await sink.close();
    sink.forget(['old']);
    expect(await store.head(STREAM)).toMatchObject({ lastIndex: 0 });
  });

  it('waits at its end for what is being forgotten', async () => {
    const store = new MemoryLogStore();
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    let asked = false;
    const trim = async (call: () => Promise<void>) => {
      asked = true;
      await held;
      await call();
    };
    const sink = await sinkOf(interfered(store, { trim }));
    sink.open('old', labels).lines(numbered(1, 1), 'at 1');
    sink.forget(['old']);
    await eventually(() => asked);
    const closed = sink.close();
    go();
    await closed;
    expect(await sources(store)).toEqual([]);
  });

  it('keeps as many cursors of a crash loop as its source does', async () => {
    const store = new MemoryLogStore();
    const sink = await sinkOf(store);
    for (let restart = 0; restart < 100; restart++) {
      const writer = sink.open(`pod/app/${restart}`, { ...labels, restart });
      writer.lines(numbered(restart, restart), 'line');
      writer.event({ type: 'container-exited', exitCode: 1, reason: 'Error', restart }, 'exited');
      sink.forget([`pod/app/${restart - 2}`]);
    }
    await sink.flush();
    expect(await sources(store)).toEqual(['pod/app/98', 'pod/app/99']);
    expect(await store.head(STREAM)).toMatchObject({ lastIndex: 200 });
    await sink.close();
  });
});
