import path from 'node:path';

import { eventually, RealCluster, RealRedis } from '@kubidu/testing';

import type { Findings } from './benchmark.ts';
import { clusterEnvironment, podNames, SERVICE, startPods } from './cluster-pods.ts';
import { LineCounter } from './line-counter.ts';
import { startApi } from './processes.ts';
import { Quantiles } from './quantiles.ts';

const CLI = path.resolve(import.meta.dirname, '../../packages/cli/bin/kubidu.js');
/** 20 lines a second in each pod. */
const SCRIPT = 'while :; do echo "the quick brown fox jumps over the lazy dog"; sleep 0.05; done';
const LINES = 1_200;
const STARTS = 7;

export const title = '`echo` in a pod → line printed, and how soon `kubidu logs` shows its first';
export const needs = ['cluster'];

/** The line's time is what the container runtime stamped on it when it came out of the container; one machine, one clock. */
export async function run(): Promise<Findings> {
  await using redis = await RealRedis.start();
  await using cluster = await RealCluster.open();
  await startPods(cluster, SCRIPT);
  await using api = await startApi(clusterEnvironment(cluster, redis.url));
  const kubectl = await latencies((watch) =>
    podNames.map(
      (name) =>
        new LineCounter(
          'kubectl',
          ['-n', cluster.namespace, 'logs', '-f', '--timestamps', '--tail=0', name],
          {},
          watch,
        ),
    ),
  );
  const arguments_ = ['logs', SERVICE, '-f', '-n', '0', '--server', api.url];
  const ours = await latencies((watch) => [new LineCounter(process.execPath, [CLI, ...arguments_], {}, watch)]);
  const version = await starts(['--version']);
  const first = await starts(['logs', SERVICE, '-n', '10', '--server', api.url]);
  return {
    rows: [
      {
        reader: 'kubectl logs -f (3 of them)',
        'p50 ms': kubectl.at(0.5),
        'p99 ms': kubectl.at(0.99),
        max: kubectl.summary.max,
      },
      {
        reader: 'kubidu logs -f, stored on the way',
        'p50 ms': ours.at(0.5),
        'p99 ms': ours.at(0.99),
        max: ours.summary.max,
      },
      { reader: 'kubidu --version, start to output', 'p50 ms': version },
      { reader: 'kubidu logs, start to first line', 'p50 ms': first },
    ],
    bars: [
      { what: 'p50 ms', value: ours.at(0.5), bar: '< 10', met: ours.at(0.5) < 10 },
      { what: 'p99 ms', value: ours.at(0.99), bar: '< 30', met: ours.at(0.99) < 30 },
      { what: 'CLI start-up ms, median', value: version, bar: '< 200', met: version < 200 },
      { what: 'first line ms, median', value: first, bar: '< 500', met: first < 500 },
    ],
  };
}

async function latencies(start: (watch: (chunk: Buffer, lines: number) => void) => LineCounter[]): Promise<Quantiles> {
  const found = new Quantiles();
  let seen = 0;
  const watch = (chunk: Buffer) => {
    const now = performance.timeOrigin + performance.now();
    for (const line of chunk.toString('latin1').split('\n')) {
      const at = millisecondsOf(line);
      // The first ones come with the attaching.
      if (at !== undefined && ++seen > 60) found.add(now - at);
    }
  };
  const readers = start(watch);
  try {
    await eventually(() => found.summary.lines >= LINES, { timeoutMs: 120_000, everyMs: 100 });
  } finally {
    for (const reader of readers) await reader[Symbol.asyncDispose]();
  }
  return found;
}

/** `2026-11-21T02:34:20.946123456Z …` as milliseconds since 1970, with their fraction; undefined where there is no time. */
function millisecondsOf(line: string): number | undefined {
  const time = /^(\S+T\S+?)(?:\.(\d+))?Z /.exec(line);
  return time ? Date.parse(`${time[1]}Z`) + Number(`0.${time[2] ?? '0'}`) * 1_000 : undefined;
}

/** Median time from the start of the command to its first output. */
async function starts(args: readonly string[]): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < STARTS; at++) {
    await using cli = new LineCounter(process.execPath, [CLI, ...args]);
    await eventually(() => cli.lines > 0, { everyMs: 5 });
    times.push(cli.firstMs);
  }
  return Math.round(times.sort((a, b) => a - b)[STARTS >> 1] ?? NaN);
}
