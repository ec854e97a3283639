import { describe, expect, it } from '@jest/globals';
import { MemoryDeployments, MemoryLeases, MemoryLogStore, systemClock } from '@kubidu/core';
import { eventually } from '@kubidu/testing';
import { pino } from 'pino';

import { loadConfig } from '../config/config.ts';
import { Retention } from './retention.ts';

const LINE = JSON.stringify({ timestamp: '2026-11-20T23:16:57Z', message: 'x' });
const { signal } = new AbortController();

/** A sweeper over a store whose clock the test sets. */
function sweeper(retention = '7d') {
  const clock = { ...systemClock, now: () => time.now };
  const time = { now: 1_000 };
  const store = new MemoryLogStore(clock);
  const { config } = loadConfig({ KUBIDU_RETENTION: retention });
  const deployments = new MemoryDeployments();
  const logger = pino({ level: 'silent' });
  return { time, store, deployments, retention: new Retention(config, store, new MemoryLeases(), deployments, logger) };
}

describe('retention', () => {
  it('forgets runtime entries each by its own time, and says so to readers', async () => {
    const { time, store, retention } = sweeper();
    await store.append('runtime:web', [LINE]);
    time.now = 2_000;
    await store.append('runtime:web', [LINE]);
    await retention.sweep(1_500, signal);
    expect(await store.read('runtime:web', { after: 0, limit: 10 })).toMatchObject({
      firstIndex: 2,
      lastIndex: 2,
      gaps: [{ from: 1, to: 1, reason: 'expired' }],
    });
  });

  it('keeps every entry of a job until so long after its end, then forgets all of it', async () => {
    const { time, store, retention } = sweeper();
    await store.append('job:1', [LINE]);
    await retention.sweep(5_000, signal);
    expect(await store.head('job:1')).toMatchObject({ firstIndex: 1, lastIndex: 1 });
    await store.append('job:1', [LINE]);
    time.now = 4_000;
    await store.end('job:1', { status: 'succeeded' });
    await retention.sweep(3_000, signal);
    expect(await store.head('job:1')).toMatchObject({ firstIndex: 1, lastIndex: 2 });
    await retention.sweep(4_001, signal);
    expect(await store.list({ limit: 10 })).toEqual([]);
  });

  it('forgets a deployment so long after its end, and none that has not ended', async () => {
    const { deployments, retention } = sweeper();
    const createdAt = '2001-01-01T00:00:00Z';
    for (const deploymentId of ['ended', 'open'])
      await deployments.create({ deploymentId, serviceId: 'web', status: 'queued', createdAt });
    const endedAt = '2001-01-01T01:00:00Z';
    await deployments.change('ended', { status: 'succeeded', endedAt });
    await retention.sweep(Date.parse(endedAt), signal);
    expect(await deployments.get('ended')).toBeDefined();
    await retention.sweep(Date.parse(endedAt) + 1, signal);
    expect(await deployments.get('ended')).toBeUndefined();
    expect(await deployments.get('open')).toBeDefined();
  });

  it('sweeps ten times in a retention of a second', async () => {
    const { store, retention } = sweeper('1s');
    await store.append('runtime:web', [LINE]);
    retention.start();
    await eventually(async () => expect((await store.head('runtime:web')).firstIndex).toBe(2));
    await retention.close();
  });

  it('goes through more streams than fit a page', async () => {
    const { store, retention } = sweeper();
    for (let n = 0; n < 1_500; n++) await store.append(`runtime:s${n}`, [LINE]);
    await retention.sweep(5_000, signal);
    expect((await store.head('runtime:s999')).firstIndex).toBe(2);
    expect((await store.head('runtime:s0')).firstIndex).toBe(2);
  });
});
