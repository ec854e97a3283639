import { tmpdir } from 'node:os';

import { RealDocker } from '@kubidu/testing';

import type { Findings, Row } from './benchmark.ts';
import { buildByHand } from './build-by-hand.ts';
import type { BuildFigures } from './build-by-hand.ts';
import { BuildPlant } from './build-plant.ts';
import { LINES, PacedBuild } from './paced-build.ts';
import { Quantiles } from './quantiles.ts';

const ROUNDS = 5;

export const title = 'A build of 100,000 lines: stored, beside `docker buildx build … > file`';
export const needs = ['docker'];

/** The same build by hand and by ours in turns, on the same engine: what else the machine does then slows each. */
export async function run(): Promise<Findings> {
  await using docker = RealDocker.open();
  await using build = await PacedBuild.write();
  await using plant = await BuildPlant.start(docker, tmpdir());
  const byHand: BuildFigures[] = [];
  const asData: BuildFigures[] = [];
  const ours: BuildFigures[] = [];
  // Not counted: the engine's first look at the image, and the worker's first build.
  await buildByHand(build, docker);
  await plant.build(build);
  for (let round = 0; round < ROUNDS; round++) {
    byHand.push(await buildByHand(build, docker));
    asData.push(await buildByHand(build, docker, 'rawjson'));
    ours.push(await plant.build(build));
  }
  const lag = new Quantiles();
  await plant.build(build, lag);
  const ratio = median(ours, 'seconds') / median(byHand, 'seconds');
  const missing = most(ours, 'missing');
  return {
    rows: [
      row('docker buildx build … > file', byHand),
      row('the same with `--progress rawjson`', asData),
      row('ours, stored', ours),
      { run: 'ours, written → stored', 'p50 ms': lag.at(0.5), 'p99 ms': lag.at(0.99) },
    ],
    bars: [
      { what: 'wall time ÷ by hand', value: ratio.toFixed(3), bar: '≤ 1.03', met: ratio <= 1.03 },
      { what: 'lines missing, in any round', value: missing, bar: '0', met: missing === 0 },
    ],
    notes: [NOTE, ...doubtOf(byHand)],
  };
}

const NOTE = `From the first line that a step writes: to the end of the command by hand, and with us until everything is stored and
the stream has ended. *Whole* is from the start of the command, and from when the worker took the job. CPU is that of the
client, with us also of the worker. A line is written when BuildKit stamps it; who reads along to see when it is stored adds
work to that one build. With \`rawjson\` the client tells everything as data, which is what our worker reads: what that
costs is no work of ours. Steps compete with client and worker for processors: on a busy machine, that is what is compared.`;

type Figure = keyof BuildFigures;

/** Where rounds by hand differ by more than the bar, one run proves nothing, met or not. */
function doubtOf(byHand: readonly BuildFigures[]): string[] {
  const [least = NaN] = sorted(byHand, 'seconds');
  const percent = Math.round((most(byHand, 'seconds') / least - 1) * 100);
  return percent <= 3 ? [] : [`By hand alone the rounds differ by ${percent} %: a run like this cannot settle 3 %.`];
}

function row(name: string, all: readonly BuildFigures[]): Row {
  const seconds = median(all, 'seconds');
  return {
    run: name,
    lines: LINES,
    missing: most(all, 'missing'),
    seconds: seconds.toFixed(2),
    'least – most': `${sorted(all, 'seconds')[0]?.toFixed(2)} – ${most(all, 'seconds').toFixed(2)}`,
    'lines/s': Math.round(LINES / seconds),
    'whole seconds': median(all, 'wholeSeconds').toFixed(2),
    'CPU s': median(all, 'cpuS').toFixed(2),
  };
}

function sorted(all: readonly BuildFigures[], figure: Figure): number[] {
  return all.map((one) => one[figure]).sort((a, b) => a - b);
}

function median(all: readonly BuildFigures[], figure: Figure): number {
  return sorted(all, figure)[all.length >> 1] ?? NaN;
}

function most(all: readonly BuildFigures[], figure: Figure): number {
  return sorted(all, figure).at(-1) ?? NaN;
}
