import path from 'node:path';

import { eventually, RealCluster, RealRedis } from '@kubidu/testing';

import type { Bar, Findings, Row } from './benchmark.ts';
import {
  burst,
  clusterEnvironment,
  echoes,
  removePods,
  REPLICAS,
  SERVICE,
  startPods,
  written,
} from './cluster-pods.ts';
import { LineCounter } from './line-counter.ts';
import { startApi } from './processes.ts';
import type { Cost, RunningServer } from './processes.ts';

const CLI = path.resolve(import.meta.dirname, '../../packages/cli/bin/kubidu.js');
const BURST = 50_000;
const BACKLOG = 40_000;
const WARM_UP = 'warm-up';

/** How long the pods of the live part wait before they write: until then whoever follows them does. */
const WAIT_S = 4;

/** How the pods write, and in how many rounds that is measured. */
const WORKS = [
  { name: 'line by line', script: echoes, rounds: 5 },
  { name: 'in blocks', script: burst, rounds: 5 },
];

export const title = 'Following 3 pods: 150,000 lines live, and catching up on 120,000, beside `kubectl logs -f`';
export const needs = ['cluster'];

export async function run(): Promise<Findings> {
  const works = await live();
  const late = { kubectl: await kubectlLate(), ours: await oursLate() };
  return {
    rows: [...works.flatMap(rowsOf), row('catch-up, kubectl', late.kubectl), row('catch-up, ours', late.ours)],
    bars: [
      ...works.flatMap(barsOf),
      { what: 'catch-up, lines/s', value: late.ours.rate, bar: '≥ 60,000', met: late.ours.rate >= 60_000 },
      { what: 'catch-up: lines missing', value: late.ours.missing, bar: '0', met: late.ours.missing === 0 },
    ],
    notes: [NOTE],
  };
}

const NOTE = `Both tell each line's pod and time: \`kubectl logs -f -l … --prefix --timestamps\`, and \`kubidu logs -f\`. kubectl
copies bytes in one process; ours frames, stamps, encodes, stores in Redis, fans out, parses and prints, in two. Rounds of
the two take turns, ours all with one server, which has followed a service before, as a server has: in its first seconds a
fifth of its time goes to compiling. In the live part the pods begin to write once they are followed; seconds count from
the first line. *Line by line* is a shell's \`echo\`, *in blocks* awk, whose output is buffered. Rounds
of the same work differ by up to twice, so the ratio is that of the medians.`;

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
    'CPU s': cpuS.toFixed(2),
    'RSS MiB': Math.round(rssMiB),
  };
}

/**
 * What it took until `total` lines were there, or until no more came: a peer that lost some never has them all. Seconds
 * count from `since`, or else from the first line.
 */
async function took(
  since: number | undefined,
  total: number,
  lines: () => number,
  costs: () => readonly Cost[],
): Promise<Figures> {
  if (since === undefined) await eventually(() => lines() > 0, { timeoutMs: 60_000, everyMs: 10 });
  const began = since ?? performance.now();
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

/** What the rounds of one work took. */
interface Work {
  readonly name: string;
  readonly kubectl: readonly Figures[];
  readonly ours: readonly Figures[];
}

function rowsOf({ name, kubectl, ours }: Work): Row[] {
  return [
    ...kubectl.flatMap((figures, at) => [
      row(`live ${name}, round ${at + 1}, kubectl`, figures),
      row(`live ${name}, round ${at + 1}, ours`, ours[at] ?? figures),
    ]),
    row(`live ${name}, median, kubectl`, medians(kubectl)),
    row(`live ${name}, median, ours`, medians(ours)),
  ];
}

function barsOf({ name, kubectl, ours }: Work): Bar[] {
  const ratio = medians(ours).cpuS / medians(kubectl).cpuS;
  const missing = ours.reduce((sum, figures) => sum + figures.missing, 0);
  return [
    { what: `live ${name}: CPU of server and CLI ÷ of kubectl`, value: ratio.toFixed(2), bar: '≤ 2', met: ratio <= 2 },
    { what: `live ${name}: lines missing, in all rounds`, value: missing, bar: '0', met: missing === 0 },
  ];
}

/** Each figure's own median. */
function medians(rounds: readonly Figures[]): Figures {
  const median = (of: keyof Figures) =>
    rounds.map((round) => round[of]).sort((a, b) => a - b)[rounds.length >> 1] ?? NaN;
  return {
    lines: median('lines'),
    missing: median('missing'),
    seconds: median('seconds'),
    rate: median('rate'),
    cpuS: median('cpuS'),
    rssMiB: median('rssMiB'),
  };
}

/** Rounds of kubectl and of ours, by turns, each in a namespace of its own: our server does not follow kubectl's pods. */
async function live(): Promise<Work[]> {
  await using redis = await RealRedis.start();
  await using theirs = await RealCluster.open();
  await using cluster = await RealCluster.open();
  await using api = await startApi(clusterEnvironment(cluster, redis.url));
  await warmUp(cluster, api.url);
  const works: Work[] = [];
  for (const [at, { name, script, rounds }] of WORKS.entries()) {
    const kubectl: Figures[] = [];
    const ours: Figures[] = [];
    for (let round = 1; round <= rounds; round++) {
      kubectl.push(await kubectlLive(theirs, script(BURST)));
      ours.push(await oursLive(cluster, api, `${SERVICE}-${at}-${round}`, script(BURST)));
    }
    works.push({ name, kubectl, ours });
  }
  return works;
}

async function kubectlLive(cluster: RealCluster, script: string): Promise<Figures> {
  await startPods(cluster, `sleep ${WAIT_S}; ${script}`);
  const figures = await kubectl(cluster, undefined, BURST);
  await removePods(cluster);
  return figures;
}

async function oursLive(cluster: RealCluster, api: RunningServer, service: string, script: string): Promise<Figures> {
  const before = api.cost();
  await startPods(cluster, `sleep ${WAIT_S}; ${script}`, service);
  const figures = await ours(api, before, undefined, BURST, service);
  await removePods(cluster);
  return figures;
}

async function kubectlLate(): Promise<Figures> {
  await using cluster = await RealCluster.open();
  await startPods(cluster, burst(BACKLOG));
  await written(cluster, BACKLOG);
  return await kubectl(cluster, performance.now(), BACKLOG);
}

async function kubectl(cluster: RealCluster, since: number | undefined, lines: number): Promise<Figures> {
  const selector = ['-l', `kubidu.io/service-id=${SERVICE}`, '--tail=-1', '--prefix', '--timestamps'];
  await using reader = new LineCounter('kubectl', ['-n', cluster.namespace, 'logs', '-f', ...selector]);
  return await took(
    since,
    lines * REPLICAS,
    () => reader.lines,
    () => [reader.cost()],
  );
}

function follow(url: string, service = SERVICE): LineCounter {
  return new LineCounter(process.execPath, [CLI, 'logs', service, '-f', '-n', 'all', '--server', url]);
}

/** Lets the server follow another service, so that it is measured as it runs and not as it starts. */
async function warmUp(cluster: RealCluster, url: string): Promise<void> {
  await startPods(cluster, echoes(BURST), WARM_UP);
  await using cli = follow(url, WARM_UP);
  await eventually(() => linesOf(cli) >= BURST * REPLICAS, { timeoutMs: 60_000, everyMs: 10 });
  await removePods(cluster);
}

/** Those of the containers: that each of them started is a line too. */
const linesOf = (cli: LineCounter): number => cli.lines - REPLICAS;

async function oursLate(): Promise<Figures> {
  await using redis = await RealRedis.start();
  await using cluster = await RealCluster.open();
  // On demand, nothing is followed before somebody reads it.
  await using api = await startApi({ ...clusterEnvironment(cluster, redis.url), KUBIDU_COLLECT: 'on-demand' });
  await warmUp(cluster, api.url);
  await startPods(cluster, burst(BACKLOG));
  await written(cluster, BACKLOG);
  return await ours(api, api.cost(), performance.now(), BACKLOG);
}

async function ours(
  api: RunningServer,
  before: Cost,
  since: number | undefined,
  lines: number,
  service = SERVICE,
): Promise<Figures> {
  await using cli = follow(api.url, service);
  const server = () => ({ ...api.cost(), cpuS: api.cost().cpuS - before.cpuS });
  return await took(
    since,
    lines * REPLICAS,
    () => linesOf(cli),
    () => [server(), cli.cost()],
  );
}
