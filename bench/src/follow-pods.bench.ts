import path from 'node:path';

import { eventually, RealCluster, RealRedis } from '@kubidu/testing';

import type { Bar, Findings, Row } from './benchmark.ts';
import { burst, clusterEnvironment, echoes, podNames, REPLICAS, SERVICE, startPods, written } from './cluster-pods.ts';
import { LineCounter } from './line-counter.ts';
import { startApi } from './processes.ts';
import type { Cost } from './processes.ts';

const CLI = path.resolve(import.meta.dirname, '../../packages/cli/bin/kubidu.js');
const BURST = 50_000;
const BACKLOG = 40_000;

export const title = 'Following 3 pods: 150,000 lines live, and catching up on 120,000, beside `kubectl logs -f`';

export async function run(): Promise<Findings> {
  const rows: Row[] = [];
  const bars: Bar[] = [];
  const live = { kubectl: await kubectlLive(), ours: await oursLive() };
  rows.push(row('live, kubectl', live.kubectl), row('live, ours', live.ours));
  const cpu = live.ours.cpuS / live.kubectl.cpuS;
  bars.push(
    { what: 'live: CPU of server and CLI ÷ of 3 kubectl', value: cpu.toFixed(2), bar: '≤ 2', met: cpu <= 2 },
    { what: 'live: lines missing', value: live.ours.missing, bar: '0', met: live.ours.missing === 0 },
  );
  const late = { kubectl: await kubectlLate(), ours: await oursLate() };
  rows.push(row('catch-up, kubectl', late.kubectl), row('catch-up, ours', late.ours));
  bars.push(
    { what: 'catch-up, lines/s', value: late.ours.rate, bar: '≥ 60,000', met: late.ours.rate >= 60_000 },
    { what: 'catch-up: lines missing', value: late.ours.missing, bar: '0', met: late.ours.missing === 0 },
  );
  return { rows, bars, notes: [CPU_NOTE] };
}

const CPU_NOTE = `kubectl copies bytes; ours frames, stamps, encodes, stores in Redis, fans out, parses and prints, in two
processes that are still compiling their code during these few seconds. Of the server's share garbage collection is the
largest single part.`;

interface Figures {
  readonly lines: number;
  readonly missing: number;
  readonly seconds: number;
  readonly rate: number;
  readonly cpuS: number;
  readonly rssMiB: number;
}

function row(name: string, { lines, missing, seconds, rate, cpuS, rssMiB }: Figures): Row {
  return {
    run: name,
    lines,
    missing,
    seconds: seconds.toFixed(1),
    'lines/s': rate,
    'CPU s': cpuS.toFixed(1),
    'RSS MiB': Math.round(rssMiB),
  };
}

/** What it took until `total` lines were there, or until no more came: a peer that lost some never has them all. */
async function took(began: number, total: number, lines: () => number, costs: () => readonly Cost[]): Promise<Figures> {
  // Not all of them in time is a finding, not a failure: what is missing is counted below.
  await eventually(() => lines() >= total, { timeoutMs: 60_000, everyMs: 10 }).catch(() => undefined);
  const seconds = (performance.now() - began) / 1_000;
  const used = costs();
  return {
    lines: total,
    missing: total - Math.min(total, lines()),
    seconds,
    rate: Math.round(total / seconds),
    cpuS: used.reduce((sum, { cpuS }) => sum + cpuS, 0),
    rssMiB: used.reduce((sum, { rssMiB }) => sum + rssMiB, 0),
  };
}

async function kubectlLive(): Promise<Figures> {
  await using cluster = await RealCluster.open();
  const began = performance.now();
  await startPods(cluster, echoes(BURST));
  return await kubectl(cluster, began, BURST);
}

async function kubectlLate(): Promise<Figures> {
  await using cluster = await RealCluster.open();
  await startPods(cluster, burst(BACKLOG));
  await written(cluster, BACKLOG);
  return await kubectl(cluster, performance.now(), BACKLOG);
}

async function kubectl(cluster: RealCluster, began: number, lines: number): Promise<Figures> {
  const readers = podNames.map((name) => new LineCounter('kubectl', ['-n', cluster.namespace, 'logs', '-f', name]));
  try {
    const all = () => readers.reduce((sum, reader) => sum + reader.lines, 0);
    return await took(began, lines * REPLICAS, all, () => readers.map((reader) => reader.cost()));
  } finally {
    for (const reader of readers) await reader[Symbol.asyncDispose]();
  }
}

function follow(url: string): LineCounter {
  const args = ['logs', SERVICE, '-f', '-n', 'all', '-o', 'raw', '--server', url];
  return new LineCounter(process.execPath, [CLI, ...args]);
}

async function oursLive(): Promise<Figures> {
  await using redis = await RealRedis.start();
  await using cluster = await RealCluster.open();
  await using api = await startApi(clusterEnvironment(cluster, redis.url));
  const before = api.cost();
  const began = performance.now();
  await startPods(cluster, echoes(BURST));
  await using cli = follow(api.url);
  const costs = () => [{ ...api.cost(), cpuS: api.cost().cpuS - before.cpuS }, cli.cost()];
  return await took(began, BURST * REPLICAS, () => cli.lines, costs);
}

async function oursLate(): Promise<Figures> {
  await using redis = await RealRedis.start();
  await using cluster = await RealCluster.open();
  await startPods(cluster, burst(BACKLOG));
  await written(cluster, BACKLOG);
  await using api = await startApi(clusterEnvironment(cluster, redis.url));
  const began = performance.now();
  await using cli = follow(api.url);
  return await took(
    began,
    BACKLOG * REPLICAS,
    () => cli.lines,
    () => [api.cost(), cli.cost()],
  );
}
