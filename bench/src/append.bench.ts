import type { StreamId } from '@kubidu/contracts';
import { Appender, LineFramer, Masker, MaskingWriter, systemClock } from '@kubidu/core';
import type { LogStore, SourceLine } from '@kubidu/core';
import { openRedisStore } from '@kubidu/store-redis';
import { RealRedis } from '@kubidu/testing';

import type { Findings } from './benchmark.ts';

const LINES = 600_000;
const WARM_UP = 100_000;
const BATCH = 500;
const ROUNDS = 5;
const TIME = '2026-11-21T00:00:00.123456789Z';
const LABELS = { podName: 'web-7d9f-x2k', container: 'app', restart: 0 };

export const title = 'Append: bytes of a container to a stored batch';

/** The whole write path against the bare Lua append of batches encoded beforehand, on the same Redis, in turns. */
export async function run(): Promise<Findings> {
  await using redis = await RealRedis.start();
  const rows = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const raw = await rate(redis.url, `runtime:raw-${round}`, rawAppend);
    const whole = await rate(redis.url, `runtime:whole-${round}`, wholePath);
    rows.push({ round, 'raw Lua append, lines/s': raw, 'whole path, lines/s': whole, ratio: whole / raw });
  }
  const ratio = median(rows.map((row) => row.ratio));
  const whole = median(rows.map((row) => row['whole path, lines/s']));
  return {
    rows: rows.map((row) => ({ ...row, ratio: row.ratio.toFixed(2) })),
    bars: [
      { what: 'whole path ÷ raw append, median', value: ratio.toFixed(2), bar: '≥ 0.70', met: ratio >= 0.7 },
      { what: 'whole path, lines/s, median', value: whole, bar: '≥ 150,000', met: whole >= 150_000 },
    ],
  };
}

type Work = (store: LogStore, stream: StreamId, count: number) => Promise<void>;

async function rate(url: string, stream: StreamId, work: Work): Promise<number> {
  await using redis = await openRedisStore({ url });
  await work(redis.store, stream, WARM_UP);
  const began = performance.now();
  await work(redis.store, stream, LINES);
  return Math.round(LINES / ((performance.now() - began) / 1_000));
}

const message = (n: number) =>
  `${n} GET /api/v1/orders/${n % 5_000} completed in ${n % 900} ms by worker ${n % 8}, request id 7f3a${n}`;

async function rawAppend(store: LogStore, stream: StreamId, count: number): Promise<void> {
  const tail = `,"stream":"stdout",${JSON.stringify(LABELS).slice(1)}`;
  const lines = Array.from(
    { length: BATCH },
    (_, n) => `{"timestamp":"${TIME}","message":${JSON.stringify(message(n))}${tail}`,
  );
  for (let at = 0; at < count; at += BATCH) await store.append(stream, lines, { fence: 1 });
}

async function wholePath(store: LogStore, stream: StreamId, count: number): Promise<void> {
  const chunk = Buffer.from(Array.from({ length: BATCH }, (_, n) => `${message(n)}\n`).join(''));
  const framer = new LineFramer();
  const source = `bench/app/${count}`;
  const appender = new Appender({
    store,
    stream,
    source,
    labels: LABELS,
    fence: 1,
    writer: 'bench',
    clock: systemClock,
  });
  const writer = new MaskingWriter({ writer: appender, masker: new Masker(), clock: systemClock });
  for (let at = 0; at < count; at += BATCH) {
    const lines: SourceLine[] = [];
    framer.push(chunk, (text) => lines.push({ timestamp: TIME, message: text }));
    writer.lines(lines, String(at), 'stdout');
    await writer.ready();
  }
  await writer.flush();
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
