import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import type { RealDocker } from '@kubidu/testing';

import { ArrivedLines } from './paced-build.ts';
import type { PacedBuild } from './paced-build.ts';

const run = promisify(execFile);

/** What one build took. */
export interface BuildFigures {
  /** From the first thing that a step wrote until everything was in the file, or stored. */
  readonly seconds: number;
  /** The same from the start of the command, or from when the worker took the job. */
  readonly wholeSeconds: number;
  /** Of the client, and of the worker that runs it. */
  readonly cpuS: number;
  readonly missing: number;
}

/** Runs the command that is given, its output in the file `$0`, and prints what it cost. */
const INTO_FILE = '"$@" > "$0" 2>&1; status=$?; times; exit $status';
/** As `times` prints what children used: minutes and seconds in user mode, and in the kernel. */
const TIMES = /^(\d+)m([\d.]+)s (\d+)m([\d.]+)s$/gm;
/** A step's line in plain progress: its number, the seconds since the step began, and the text. */
const PLAIN = /^#\d+ \d+\.\d+ (.*)$/;

/** How the client tells what happens: as text, or as data, which is what our worker reads. */
type Progress = 'plain' | 'rawjson';

/** `docker buildx build --progress … > file`. */
export async function buildByHand(
  { folder }: PacedBuild,
  docker: RealDocker,
  progress: Progress = 'plain',
): Promise<BuildFigures> {
  const file = path.join(folder, '..', `${path.basename(folder)}.log`);
  const flags = ['--progress', progress, '--no-cache', '--network', 'host', '--load', '--tag', docker.image()];
  const command = ['docker', 'buildx', 'build', ...flags, folder];
  try {
    const startedMs = Date.now();
    const { stdout } = await run('sh', ['-c', INTO_FILE, file, ...command], { env: { ...process.env, ...docker.env } });
    const endedMs = Date.now();
    const arrived = new ArrivedLines();
    for (const line of LINES_OF[progress](await readFile(file, 'utf8'))) arrived.take(line);
    return {
      seconds: (endedMs - arrived.beganMs) / 1_000,
      wholeSeconds: (endedMs - startedMs) / 1_000,
      cpuS: childrenIn(stdout),
      missing: arrived.missing,
    };
  } finally {
    await rm(file, { force: true });
  }
}

/** What steps wrote, of what the client printed. */
const LINES_OF: Record<Progress, (printed: string) => string[]> = {
  plain: (printed) => printed.split('\n').map((line) => PLAIN.exec(line)?.[1] ?? ''),
  rawjson: (printed) => {
    const statuses = printed.split('\n').filter((line) => line.startsWith('{'));
    const logs = statuses.flatMap((line) => (JSON.parse(line) as { logs?: { data: string }[] }).logs ?? []);
    return Buffer.concat(logs.map(({ data }) => Buffer.from(data, 'base64')))
      .toString()
      .split('\n');
  },
};

/** The second line is that of the children. */
function childrenIn(times: string): number {
  const [, userM, user, kernelM, kernel] = [...times.matchAll(TIMES)][1]?.map(Number) ?? [];
  return ((userM ?? 0) + (kernelM ?? 0)) * 60 + (user ?? 0) + (kernel ?? 0);
}
