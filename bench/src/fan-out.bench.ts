import { RealRedis } from '@kubidu/testing';

import type { Bar, Findings, Row } from './benchmark.ts';
import { startApi, startPart } from './processes.ts';
import type { Summary } from './quantiles.ts';

interface Case {
  readonly name: string;
  readonly sockets: number;
  readonly rate: number;
  readonly batch: boolean;
  /** Only count bytes and wait for the last entry. */
  readonly countOnly?: boolean;
  /** Figure → what it must stay below. */
  readonly below: Readonly<Record<string, number>>;
}

const CASES: readonly Case[] = [
  {
    name: '100 subscribers with `batch`, 10,000 lines/s',
    sockets: 100,
    rate: 10_000,
    batch: true,
    below: { 'p50 ms': 25, 'p99 ms': 50, 'RSS MiB': 1_024 },
  },
  {
    name: '1,000 sockets with `batch`, 2,000 lines/s',
    sockets: 1_000,
    rate: 2_000,
    batch: true,
    countOnly: true,
    below: {},
  },
  { name: '100 sockets without `batch`, 1,000 lines/s', sockets: 100, rate: 1_000, batch: false, below: {} },
];
const SECONDS = 15;

export const title = 'Fan-out: handed to the store by one process → at the client';

export async function run(): Promise<Findings> {
  const rows: Row[] = [];
  const bars: Bar[] = [];
  for (const one of CASES) {
    const row = await measure(one);
    rows.push({ case: one.name, ...row });
    for (const [figure, bar] of Object.entries(one.below)) {
      const value = Number(row[figure]);
      bars.push({ what: `${one.name}: ${figure}`, value, bar: `< ${bar}`, met: value < bar });
    }
    const seconds = Number(row['seconds']);
    const sustained = { what: `${one.name}: seconds to deliver ${SECONDS} s of lines`, value: seconds };
    bars.push({ ...sustained, bar: `< ${SECONDS + 1}`, met: seconds < SECONDS + 1 });
    if (row['holes'] !== undefined)
      bars.push({
        what: `${one.name}: every line, in order`,
        value: row['holes'],
        bar: '0 holes',
        met: row['holes'] === 0,
      });
  }
  return { rows, bars };
}

async function measure({ sockets, rate, batch, countOnly }: Case): Promise<Row> {
  await using redis = await RealRedis.start();
  await using api = await startApi({ KUBIDU_REDIS_URL: redis.url });
  const stream = 'runtime:bench';
  const until = rate * SECONDS;
  await using readers = countOnly
    ? startPart('counters', { url: api.url, stream, sockets, batch, until })
    : startPart('readers', { url: api.url, streams: [stream], sockets, batch, until });
  await readers.next('ready');
  const before = api.cost();
  const began = performance.now();
  await using feeder = startPart('feeder', { redisUrl: redis.url, stream, rate, seconds: SECONDS });
  await feeder.next('written');
  const { bytes, ...figures } = await readers.next<Figures>('finished');
  const seconds = (performance.now() - began) / 1_000;
  const after = api.cost();
  return {
    ...('p50' in figures && {
      'p50 ms': figures.p50,
      'p99 ms': figures.p99,
      'max ms': figures.max,
      holes: figures.defects,
    }),
    'MB/s': Math.round(bytes / seconds / 1e6),
    seconds: seconds.toFixed(1),
    'CPU of the API': `${Math.round(((after.cpuS - before.cpuS) / seconds) * 100)} %`,
    'RSS MiB': Math.round(after.rssMiB),
  };
}

type Figures = { bytes: number } & ((Summary & { defects: number }) | { closed: number });
