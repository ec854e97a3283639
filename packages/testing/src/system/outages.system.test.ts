import { describe, expect, it } from '@jest/globals';

import { eventually } from '../eventually.ts';
import { FaultProxy } from '../fault-proxy.ts';
import { NumberedFeed } from '../numbered-feed.ts';
import { pace } from '../pace.ts';
import { PlainReader } from '../plain-reader.ts';
import { RealRedis } from '../real-redis.ts';
import { RunningApi } from '../running-api.ts';
import { SdkReader } from '../sdk-reader.ts';
import { seededRandom } from '../seeded-random.ts';
import { Readers } from './readers.ts';

const LONG = process.env['KUBIDU_TEST_LONG'] !== undefined;
const TWENTY = { cli: 6, plain: 7, sdk: 7 };
const PER_SECOND = 2_000;

describe('20 readers of one service', () => {
  it('get every line once while the API is killed and started again, again and again', async () => {
    await using redis = await RealRedis.start({ appendOnly: true });
    await using api = await RunningApi.start({ env: { KUBIDU_REDIS_URL: redis.url } });
    const feed = new NumberedFeed({ urls: [api.url], stream: 'runtime:web', writer: 'w', perSecond: PER_SECOND });
    await feed.send(200); // what nobody wrote to yet is no service to the CLI
    await using readers = await Readers.open(api.url, 'web', TWENTY);
    const lines = LONG ? 100_000 : 12_000;
    const sending = feed.send(lines - 200);
    for (let kills = 1; kills <= (LONG ? 20 : 4); kills++) {
      await eventually(() => feed.acknowledged > (lines * kills) / (LONG ? 22 : 6), { timeoutMs: 60_000 });
      await api.restart();
    }
    await sending;
    await readers.reach(feed.lastIndex);
    readers.mustBeComplete([{ writer: 'w', lines }], { after: 0, through: feed.lastIndex });
  }, 120_000);

  it('get every line once while Redis is killed and comes back with its append-only file', async () => {
    await using redis = await RealRedis.start({ appendOnly: true, settings: ['--appendfsync', 'always'] });
    await using api = await RunningApi.start({ env: { KUBIDU_REDIS_URL: redis.url } });
    const feed = new NumberedFeed({ urls: [api.url], stream: 'runtime:web', writer: 'w', perSecond: PER_SECOND });
    await feed.send(200); // what nobody wrote to yet is no service to the CLI
    await using readers = await Readers.open(api.url, 'web', TWENTY);
    const lines = LONG ? 100_000 : 9_000;
    const sending = feed.send(lines - 200);
    for (let kills = 1; kills <= (LONG ? 10 : 2); kills++) {
      await eventually(() => feed.acknowledged > (lines * kills) / (LONG ? 12 : 4), { timeoutMs: 60_000 });
      await redis.kill9();
      await eventually(async () => (await fetch(`${api.url}/readyz`)).status === 503);
      await redis.restart();
    }
    await sending;
    await readers.reach(feed.lastIndex);
    readers.mustBeComplete([{ writer: 'w', lines }], { after: 0, through: feed.lastIndex });
  }, 120_000);

  it('are told the gap when Redis comes back without its data, no index is given twice, and appends go on', async () => {
    await using redis = await RealRedis.start();
    await using api = await RunningApi.start({ env: { KUBIDU_REDIS_URL: redis.url } });
    const before = new NumberedFeed({ urls: [api.url], stream: 'runtime:web', writer: 'before', perSecond: 5_000 });
    await before.send(200);
    await using readers = await Readers.open(api.url, 'web', TWENTY);
    await before.send(4_800);
    await readers.reach(5_000);
    await redis.restart({ wipe: true });
    const after = new NumberedFeed({ urls: [api.url], stream: 'runtime:web', writer: 'after', perSecond: 5_000 });
    await after.send(5_000);
    expect(after.lastIndex).toBeGreaterThan(10_000);
    await readers.reach(after.lastIndex);
    const written = ['before', 'after'].map((writer) => ({ writer, lines: 5_000 }));
    for (const reader of readers.all) {
      // The CLI tells of gaps on stderr: its indexes are judged by the gap that the others were told.
      const gaps = reader.gaps.length > 0 ? [] : (readers.all[0]?.gaps ?? []);
      reader.gaps.push(...gaps);
      expect(`${reader.kind}: ${reader.verdict(written, { after: 0 }).report}`).toContain(': complete');
      expect(reader.gaps).toEqual([{ from: 5_001, to: after.lastIndex - 5_000, reason: 'trimmed' }]);
    }
    await using late = new PlainReader({ url: api.url, service: 'web', sinceIndex: 4_000 });
    await late.reaches(after.lastIndex);
    expect(late.gaps).toEqual([{ from: 4_001, to: after.lastIndex - 5_000, reason: 'trimmed' }]);
  }, 60_000);
});

describe('two API replicas on one Redis', () => {
  it('give readers who hop between them at random every line once', async () => {
    const seed = Number(process.env['KUBIDU_TEST_SEED'] ?? Date.now() % 1_000_000);
    const random = seededRandom(seed);
    await using redis = await RealRedis.start();
    await using one = await RunningApi.start({ env: { KUBIDU_REDIS_URL: redis.url } });
    await using two = await RunningApi.start({ env: { KUBIDU_REDIS_URL: redis.url } });
    const urls = [one.url, two.url];
    const somewhere = () => urls[Math.floor(random() * 2)] ?? one.url;
    await using readers = await Readers.open(one.url, 'web', { plain: 10, sdk: 10 });
    const feeds = ['w1', 'w2', 'w3'].map(
      (writer) =>
        new NumberedFeed({
          urls: random() < 0.5 ? urls : [...urls].reverse(),
          stream: 'runtime:web',
          writer,
          perSecond: 1_000,
          batch: 50,
        }),
    );
    const lines = LONG ? 50_000 : 6_000;
    let sending = true;
    const sent = Promise.all(feeds.map((feed) => feed.send(lines))).finally(() => (sending = false));
    let hops = 0;
    while (sending) {
      const reader = readers.all[Math.floor(random() * readers.all.length)];
      if (reader instanceof PlainReader) reader.hop(somewhere());
      else if (reader instanceof SdkReader) await reader.hop(somewhere());
      hops++;
      await pace(random() * 60);
    }
    await sent;
    await readers.reach(3 * lines);
    expect({ seed, hops: hops > 50 }).toEqual({ seed, hops: true });
    readers.mustBeComplete(
      feeds.map((_, i) => ({ writer: `w${i + 1}`, lines })),
      { after: 0, through: 3 * lines },
    );
  }, 120_000);
});

describe('connections that break', () => {
  it('between readers and the API, 50 times at random, cost no line', async () => {
    const seed = Number(process.env['KUBIDU_TEST_SEED'] ?? Date.now() % 1_000_000);
    const random = seededRandom(seed);
    await using redis = await RealRedis.start();
    await using api = await RunningApi.start({ env: { KUBIDU_REDIS_URL: redis.url } });
    await using proxy = await FaultProxy.open({ port: api.port });
    const feed = new NumberedFeed({ urls: [api.url], stream: 'runtime:web', writer: 'w', perSecond: PER_SECOND });
    await feed.send(200); // what nobody wrote to yet is no service to the CLI
    await using readers = await Readers.open(`http://127.0.0.1:${proxy.port}`, 'web', { cli: 2, plain: 4, sdk: 4 });
    const lines = LONG ? 60_000 : 10_000;
    const sending = feed.send(lines - 200);
    for (let resets = 1; resets <= 50; resets++) {
      await eventually(() => feed.acknowledged > (lines * resets) / 55, { timeoutMs: 60_000 });
      await pace(random() * 50);
      proxy.resetAll();
    }
    await sending;
    await readers.reach(lines);
    expect({ seed, resets: proxy.resets > 50 }).toEqual({ seed, resets: true });
    readers.mustBeComplete([{ writer: 'w', lines }], { after: 0, through: lines });
  }, 120_000);

  it('between the API and Redis, 25 times at random, cost no line', async () => {
    const seed = Number(process.env['KUBIDU_TEST_SEED'] ?? Date.now() % 1_000_000);
    const random = seededRandom(seed);
    await using redis = await RealRedis.start();
    await using proxy = await FaultProxy.open({ port: redis.port });
    await using api = await RunningApi.start({ env: { KUBIDU_REDIS_URL: `redis://127.0.0.1:${proxy.port}` } });
    const feed = new NumberedFeed({ urls: [api.url], stream: 'runtime:web', writer: 'w', perSecond: PER_SECOND });
    await feed.send(200); // what nobody wrote to yet is no service to the CLI
    await using readers = await Readers.open(api.url, 'web', { cli: 1, plain: 4, sdk: 4 });
    const lines = LONG ? 60_000 : 10_000;
    const sending = feed.send(lines - 200);
    for (let resets = 1; resets <= 25; resets++) {
      await eventually(() => feed.acknowledged > (lines * resets) / 28, { timeoutMs: 60_000 });
      await pace(random() * 50);
      proxy.resetAll();
    }
    await sending;
    await readers.reach(lines);
    expect({ seed, retried: feed.retries > 0 }).toEqual({ seed, retried: true });
    readers.mustBeComplete([{ writer: 'w', lines }], { after: 0, through: lines });
  }, 120_000);

  it('or go silent without a word are noticed by the SDK and the CLI, and cost no line', async () => {
    await using api = await RunningApi.start();
    await using proxy = await FaultProxy.open({ port: api.port });
    const feed = new NumberedFeed({ urls: [api.url], stream: 'runtime:web', writer: 'w' });
    await feed.send(200); // what nobody wrote to yet is no service to the CLI
    await using readers = await Readers.open(`http://127.0.0.1:${proxy.port}`, 'web', { cli: 1, sdk: 3 });
    await feed.send(800);
    await readers.reach(1_000);
    proxy.stallAll();
    await feed.send(1_000);
    await readers.reach(2_000, 25_000);
    readers.mustBeComplete([{ writer: 'w', lines: 2_000 }], { after: 0, through: 2_000 });
  }, 60_000);
});
