import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { LogEntry } from '@kubidu/contracts';
import { describe, expect, it } from '@jest/globals';

import { eventually } from '../eventually.ts';
import { Gate } from '../gate.ts';
import { numberedLinesScript } from '../numbered-lines.ts';
import { judge, rawLines } from '../oracle.ts';
import { SdkReader } from '../sdk-reader.ts';
import { BuildPlant } from './build-plant.ts';

const LONG = process.env['KUBIDU_TEST_LONG'] !== undefined;
const run = promisify(execFile);

const BASE = 'FROM kubidu.test/busybox:1';

/** What a build says beside the numbered lines. */
const ignore = (message: string) => !/^\d+\|/.test(message);
const complete = /^complete/;

/** How many clients of the engine build this deployment, by the worker that started them. */
async function buildersOf({ workers }: BuildPlant, deploymentId: string): Promise<number[]> {
  const { stdout } = await run('ps', ['-eo', 'ppid,args'], { maxBuffer: 64 * 1024 * 1024 });
  const parents = stdout.split('\n').flatMap((line) => {
    const [, parent, args = ''] = /^\s*(\d+) (.*)$/.exec(line) ?? [];
    return args.includes('buildx build') && args.includes(`:${deploymentId} `) ? [Number(parent)] : [];
  });
  return workers.map(({ process }) => parents.filter((parent) => parent === process.pid).length);
}

const eventsOf = (log: readonly LogEntry[], type: string) => log.filter(({ event }) => event?.type === type);

describe('Four builds at once over two workers', () => {
  it('each have all their lines, in order and once, and each is written by one worker', async () => {
    const lines = LONG ? 100_000 : 20_000;
    await using plant = await BuildPlant.start({ workers: 2 });
    await using gate = await Gate.start();
    const writers = ['w1', 'w2', 'w3', 'w4'];
    const builds = writers.map(async (writer) => {
      // The engine's progress breaks where a step writes some 1 MiB at once.
      const script = numberedLinesScript(lines, { writer, perSecond: 5_000 });
      const folder = await plant.context([BASE, 'COPY lines.sh /', `RUN ${gate.command}; sh /lines.sh`], {
        'lines.sh': script,
      });
      await using cli = await plant.deploy(folder, ['--detach']);
      expect(await cli.exit()).toBe(0);
      const id = cli.stdout.trim();
      return { id, writer, reader: await plant.reader(id) };
    });
    const all = await Promise.all(builds);
    await gate.reached(writers.length);
    const by = await Promise.all(all.map(({ id }) => buildersOf(plant, id)));
    expect(by.map((counts) => counts.toSorted())).toEqual(writers.map(() => [0, 1]));
    expect([0, 1].map((worker) => by.reduce((sum, counts) => sum + (counts[worker] ?? 0), 0))).toEqual([2, 2]);
    gate.release();

    for (const { id, writer, reader } of all) {
      expect(await plant.ended(id, 120_000)).toMatchObject({ status: 'succeeded', exitCode: 0 });
      const log = await plant.log(id);
      const options = { after: 0, through: log.length, ignore };
      expect(judge(log, [{ writer, lines, stream: 'stdout' }], options).report).toMatch(complete);
      expect([eventsOf(log, 'lost'), eventsOf(log, 'build-finished')]).toEqual([[], [log.at(-1)]]);
      expect(await reader.end()).toMatchObject({ lastIndex: log.length, status: 'succeeded', exitCode: 0 });
      expect(reader.entries).toEqual(log);
      expect(reader.errors).toEqual([]);
    }
  }, 240_000);
});

describe('A build during which Redis is away', () => {
  it('goes on, and then every reader has every line, in order and once', async () => {
    const perSecond = 3_000;
    // More than is held in memory: the spool has its part.
    const [before, away, behind] = [perSecond, (LONG ? 60 : 8) * perSecond, perSecond];
    const writer = 'away';
    await using plant = await BuildPlant.start({ workers: 2 });
    await using down = await Gate.start();
    await using up = await Gate.start();
    const part = (from: number, count: number) => numberedLinesScript(count, { from, writer, perSecond });
    const folder = await plant.context([BASE, 'COPY lines.sh /', 'RUN sh /lines.sh'], {
      'lines.sh': [
        ...[part(1, before), down.command, part(before + 1, away), up.command],
        part(before + away + 1, behind),
      ].join('\n'),
    });
    await using cli = await plant.deploy(folder, ['-o', 'raw']);
    const id = await plant.queuedBy(cli);
    const reader = await plant.reader(id);
    await down.reached();
    await eventually(() => reader.entries.some(({ message }) => message.startsWith(`${before}|`)));
    await Promise.all([plant.streams.kill9(), plant.queue.kill9()]);
    down.release();
    // The container has written for that long: nobody held it up.
    await up.reached(1, 180_000);
    // The server refuses it now; the library asks again.
    await using late = new SdkReader({ url: plant.api.url, stream: `build:${id}` });
    await Promise.all([plant.streams.restart(), plant.queue.restart()]);
    up.release();

    expect(await cli.exit()).toBe(0);
    expect(await plant.ended(id)).toMatchObject({ status: 'succeeded', exitCode: 0 });
    const written = [{ writer, lines: before + away + behind }];
    const log = await plant.log(id);
    expect(judge(log, written, { after: 0, through: log.length, ignore }).report).toMatch(complete);
    expect([eventsOf(log, 'lost'), eventsOf(log, 'build-finished')]).toEqual([[], [log.at(-1)]]);
    expect(judge(rawLines(cli.stdout), written, { ignore }).report).toMatch(complete);
    expect(await reader.end()).toMatchObject({ lastIndex: log.length, status: 'succeeded', exitCode: 0 });
    await eventually(() => late.ended, { timeoutMs: 30_000 });
    for (const { entries, gaps } of [reader, late]) {
      expect(entries).toEqual(log);
      expect(gaps).toEqual([]);
    }
  }, 240_000);
});
