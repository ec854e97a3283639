import { RealRedis } from '@kubidu/testing';

import type { Findings, Row } from './benchmark.ts';
import { startApi, startPart } from './processes.ts';
import type { Summary } from './quantiles.ts';

const SOCKETS = 100;
const RATE = 10_000;
const SECONDS = 70;
const STOPS_MS = 60_000;

export const title = 'One of 100 subscribers stops reading for 60 s at 10,000 lines/s';

export async function run(): Promise<Findings> {
  const without = await measure(false);
  const withSlow = await measure(true);
  const ratio = withSlow.p99 / without.p99;
  const grown = withSlow.grownMiB;
  return {
    rows: [row('all read', without), row('one stops', withSlow)],
    bars: [
      { what: "the others' p99, ÷ without it", value: ratio.toFixed(2), bar: '≤ 1.5', met: ratio <= 1.5 },
      { what: 'growth of RSS while it is stopped, MiB', value: Math.round(grown), bar: '< 64', met: grown < 64 },
      {
        what: 'it gets everything later',
        value: `${withSlow.defects} holes`,
        bar: '0 holes',
        met: withSlow.defects === 0,
      },
    ],
  };
}

interface Figures extends Summary {
  readonly defects: number;
  readonly grownMiB: number;
}

async function measure(stops: boolean): Promise<Figures> {
  await using redis = await RealRedis.start();
  await using api = await startApi({ KUBIDU_REDIS_URL: redis.url, KUBIDU_HOT_BYTES: String(1024 ** 3) });
  const stream = 'runtime:bench';
  await using readers = startPart('readers', {
    url: api.url,
    streams: [stream],
    sockets: SOCKETS,
    batch: true,
    until: RATE * SECONDS,
    leaveOutFirst: true,
  });
  await readers.next('ready');
  await using feeder = startPart('feeder', { redisUrl: redis.url, stream, rate: RATE, seconds: SECONDS });
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  await pause(5_000); // memory and code are warm
  const before = api.cost().rssMiB;
  if (stops) readers.send({ pauseFirst: true });
  await pause(STOPS_MS);
  const grownMiB = api.cost().rssMiB - before;
  readers.send({ resumeFirst: true });
  await feeder.next('written');
  return { ...(await readers.next<Omit<Figures, 'grownMiB'>>('finished')), grownMiB };
}

function row(name: string, { p50, p99, max, defects, grownMiB }: Figures): Row {
  return {
    run: name,
    'p50 ms': p50,
    'p99 ms': p99,
    'max ms': max,
    holes: defects,
    'RSS growth MiB': Math.round(grownMiB),
  };
}
