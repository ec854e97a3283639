import { describe, expect, it } from '@jest/globals';
import type { StreamId } from '@kubidu/contracts';
import { hasCode } from '@kubidu/core';
import type { LogStore, Wake } from '@kubidu/core';
import { eventually, FaultProxy, RealRedis } from '@kubidu/testing';
import { lineOf, shown } from '@kubidu/testing/log-store.conformance';

import { openRedisStore } from './open-redis-store.ts';

const stream: StreamId = 'runtime:web';
const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => lineOf(String(from + at)));
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

/** Appends as a writer does that must not lose anything: again from the same position until it is stored. */
async function appendSurely(store: LogStore, sequence: number, batch: readonly string[]) {
  const position = { source: 's', cursor: String(sequence), writer: 'w', sequence };
  return eventually(() => store.append(stream, batch, { position }), { timeoutMs: 15_000 });
}

describe('Redis restarted', () => {
  it('with its append-only file: goes on where it stopped, and watchers hear of it', async () => {
    await using redis = await RealRedis.start({ appendOnly: true, settings: ['--appendfsync', 'always'] });
    await using opened = await openRedisStore({ url: redis.url });
    const { store } = opened;
    const wakes: Wake[] = [];
    await using _watch = await store.watch(stream, (wake) => wakes.push(wake));
    await store.append(stream, lines(1, 3));
    await redis.kill9();
    expect(hasCode(await failureOf(store.head(stream)), 'UNAVAILABLE')).toBe(true);
    await redis.restart();
    expect(await appendSurely(store, 1, lines(4, 5))).toEqual({ first: 4, last: 5, stored: 2 });
    await eventually(async () => {
      // The one that was stored while the subscriber was not back yet is told by a wake without it.
      const last = wakes.at(-1);
      return wakes.length >= 2 && (last?.batch === undefined || last.batch.last === 5);
    });
    expect(shown(await store.read(stream, { after: 0, limit: 9 }))).toEqual(['1 1', '2 2', '3 3', '4 4', '5 5']);
    await store.append(stream, lines(6, 6));
    await eventually(() => wakes.at(-1)?.batch?.last === 6);
  });

  it('without its data: no index that passed here is given again, and readers are told the gap', async () => {
    await using redis = await RealRedis.start();
    await using opened = await openRedisStore({ url: redis.url });
    await using reader = await openRedisStore({ url: redis.url });
    const { store } = opened;
    await store.append(stream, lines(1, 40));
    await store.append('build:idle', lines(1, 2));
    const wakes: Wake[] = [];
    await using _watch = await reader.store.watch(stream, (wake) => wakes.push(wake));
    await store.append(stream, lines(41, 41));
    await eventually(() => wakes.length === 1);
    await redis.restart({ wipe: true });
    // The reader alone finds out, and wakes: nobody has written since.
    await eventually(() => wakes.length > 1);
    expect(wakes.slice(1).filter(({ batch }) => batch)).toEqual([]);
    const gone = { firstIndex: 1_000_042, lastIndex: 1_000_041, gone: 'trimmed' };
    expect(await reader.store.head(stream)).toEqual(gone);
    expect(await reader.store.read(stream, { after: 41, limit: 10 })).toMatchObject({
      ...gone,
      gaps: [{ from: 42, to: 1_000_041, reason: 'trimmed' }],
    });
    const { first } = await eventually(() => store.append(stream, lines(1, 2)));
    expect(first).toBe(1_000_042);
    expect(shown(await reader.store.read(stream, { before: first + 2, limit: 10 }))).toEqual([
      '1000042 1',
      '1000043 2',
    ]);
    expect(await store.head('build:idle')).toMatchObject({ lastIndex: 1_000_002 });
    expect((await store.list({ limit: 9 })).map((info) => info.stream)).toEqual(['build:idle', stream]);
  });

  it('without its data: a writer that never saw the stream waits for those who did', async () => {
    await using redis = await RealRedis.start();
    await using writer = await openRedisStore({ url: redis.url });
    await using reader = await openRedisStore({ url: redis.url });
    await using another = await openRedisStore({ url: redis.url });
    await using _watch = await reader.store.watch(stream, () => undefined);
    await writer.store.append(stream, lines(1, 40));
    await eventually(async () => (await reader.store.head(stream)).lastIndex === 40);
    await redis.restart({ wipe: true });
    expect((await eventually(() => another.store.append(stream, lines(1, 1)))).first).toBe(1_000_041);
  });

  it('with the end of its data missing: what is left stays readable, and the missing end is a gap', async () => {
    await using redis = await RealRedis.start();
    await using opened = await openRedisStore({ url: redis.url });
    const { store } = opened;
    await store.append(stream, lines(1, 3));
    const before = await redis
      .cli('--raw', 'dump', `logs:{${stream}}:meta`)
      .then(() => redis.cli('hget', `logs:{${stream}}:meta`, 'last'));
    await store.append(stream, lines(4, 6));
    // What a failover to a replica that lagged looks like.
    await redis.cli('hset', `logs:{${stream}}:meta`, 'last', before);
    await redis.cli('del', `logs:{${stream}}:entries`, `logs:{${stream}}:batches`);
    await redis.cli('xadd', `logs:{${stream}}:entries`, '3-0', 'b', lines(1, 3).join('\n'));
    const { first } = await store.append(stream, lines(7, 7));
    expect(first).toBe(1_000_007);
    const page = await store.read(stream, { after: 0, limit: 10 });
    expect(page.gaps).toEqual([{ from: 4, to: 1_000_006, reason: 'trimmed' }]);
    expect(shown(page)).toEqual(['1 1', '2 2', '3 3', '1000007 7']);
  });
});

describe('A connection cut in the middle of appends', () => {
  it('stores each batch once that is sent again from its position', async () => {
    await using redis = await RealRedis.start();
    const seed = Date.now() % 1_000_000;
    // A connection's first 6 KB are its handshake.
    const plan = { randomResets: { seed, times: 12, maxBytes: 30_000 } };
    await using proxy = await FaultProxy.open({ port: redis.port, plan });
    await using opened = await openRedisStore({ url: `redis://127.0.0.1:${proxy.port}` });
    let sequence = 0;
    // A reset may come where nothing is connected: until enough of them have cut something.
    while (sequence < 400 || proxy.resets <= 10) {
      sequence++;
      if (sequence % 40 === 0) setImmediate(() => proxy.resetAll());
      await appendSurely(opened.store, sequence, lines(sequence * 2 - 1, sequence * 2));
    }
    const page = await eventually(() => opened.store.read(stream, { after: 0, limit: 100_000 }));
    expect({ seed, shown: shown(page) }).toEqual({
      seed,
      shown: Array.from({ length: 2 * sequence }, (_, at) => `${at + 1} ${at + 1}`),
    });
  });

  it('tells watchers of what was stored while they were cut off', async () => {
    await using redis = await RealRedis.start();
    await using proxy = await FaultProxy.open({ port: redis.port });
    await using cut = await openRedisStore({ url: `redis://127.0.0.1:${proxy.port}` });
    await using opened = await openRedisStore({ url: redis.url });
    let told = 0;
    const tell = async ({ batch }: Wake) => {
      told = batch?.last ?? (await eventually(() => cut.store.head(stream))).lastIndex;
    };
    const failures: unknown[] = [];
    await using _watch = await cut.store.watch(stream, (wake) => {
      tell(wake).catch((error: unknown) => failures.push(error));
    });
    for (let index = 1; index <= 10; index++) {
      proxy.resetAll();
      await opened.store.append(stream, lines(index, index));
      await eventually(() => told === index);
    }
    expect(failures).toEqual([]);
  });
});

describe('Redis away', () => {
  it('at the start: opens, fails at once with UNAVAILABLE, and works once Redis is there', async () => {
    await using redis = await RealRedis.start();
    await redis.kill9();
    await using opened = await openRedisStore({ url: `redis://user:s3cret@127.0.0.1:${redis.port}` });
    const calls = [
      () => opened.store.append(stream, lines(1, 1)),
      () => opened.store.read(stream, { after: 0, limit: 1 }),
      () => opened.store.head(stream),
      () => opened.store.end(stream, { status: 'lost' }),
      () => opened.store.trim(stream, { through: 1 }),
      () => opened.store.watch(stream, () => undefined),
      () => opened.store.list({ limit: 1 }),
      () => opened.store.cursors(stream),
      () => opened.leases.acquire(stream),
      () => opened.ping(),
    ];
    const from = Date.now();
    for (const call of calls) {
      const failure = await failureOf(call());
      expect(hasCode(failure, 'UNAVAILABLE')).toBe(true);
      expect(JSON.stringify([failure, (failure as Error).message, String((failure as Error).cause)])).not.toContain(
        's3cret',
      );
    }
    expect(Date.now() - from).toBeLessThan(1_000);
    await redis.restart();
    await redis.cli('acl', 'setuser', 'user', 'on', '>s3cret', '~*', '&*', '+@all');
    await eventually(() => opened.ping());
    expect(await eventually(() => opened.store.append(stream, lines(1, 1)))).toMatchObject({ first: 1 });
  });

  it('silent instead of gone: a call fails within 6 s, and the connection is given up', async () => {
    await using redis = await RealRedis.start();
    await using proxy = await FaultProxy.open({ port: redis.port });
    await using opened = await openRedisStore({ url: `redis://127.0.0.1:${proxy.port}` });
    const wakes: Wake[] = [];
    await using _watch = await opened.store.watch(stream, (wake) => wakes.push(wake));
    proxy.stallAll();
    const from = Date.now();
    expect(hasCode(await failureOf(opened.store.head(stream)), 'UNAVAILABLE')).toBe(true);
    expect(Date.now() - from).toBeLessThan(6_000);
    await eventually(() => opened.store.append(stream, lines(1, 1)));
    await eventually(() => wakes.length > 0, { timeoutMs: 15_000 });
  });

  it('full: refuses appends as UNAVAILABLE, still trims, and takes them again after', async () => {
    await using redis = await RealRedis.start({ settings: ['--maxmemory-policy', 'noeviction'] });
    await using opened = await openRedisStore({ url: redis.url });
    const fill = Array.from({ length: 100 }, () => lineOf('x'.repeat(10_000)));
    await redis.cli('config', 'set', 'maxmemory', '20mb');
    let stored = 0;
    const failure = await failureOf(
      (async () => {
        for (;;) stored = (await opened.store.append(stream, fill)).last;
      })(),
    );
    expect(hasCode(failure, 'UNAVAILABLE')).toBe(true);
    expect(stored).toBeGreaterThan(500);
    expect(await opened.store.head(stream)).toMatchObject({ lastIndex: stored });
    await opened.store.trim(stream, { through: stored - 100 });
    expect(await eventually(() => opened.store.append(stream, lines(1, 1)))).toMatchObject({ first: stored + 1 });
  });
});

it.each(['http://x', 'redis://', 'redis://:pa@ss word@:1', ''])(
  'refuses the URL %j without showing it',
  async (url) => {
    const failure = await failureOf(openRedisStore({ url }));
    expect(hasCode(failure, 'INVALID_ARGUMENT')).toBe(true);
    expect(String(failure)).not.toContain('pa@ss');
  },
);
