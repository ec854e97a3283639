import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LogEntry } from '@kubidu/contracts';

import { eventually } from '../eventually.ts';
import { Gate } from '../gate.ts';
import { judge } from '../oracle.ts';
import { numberedLinesScript } from '../numbered-lines.ts';
import { RunningCli } from '../running-cli.ts';
import { BuildPlant } from './build-plant.ts';

const BASE = 'FROM kubidu.test/busybox:1';
/** From a container's write to a subscriber, where nothing else has the machine, it is less than 500 ms. */
const GENEROUS_MS = 5_000;

let plant: BuildPlant;

beforeAll(async () => {
  plant = await BuildPlant.start();
}, 60_000);

afterAll(() => plant[Symbol.asyncDispose]());

const messagesOf = (entries: readonly LogEntry[]) => entries.map(({ message }) => message);

describe('kubidu deploy', () => {
  it('prints each step with its lines, masks a mounted secret however it shows, and exits with 0', async () => {
    const secret = `s3cret-${randomBytes(8).toString('hex')}`;
    const shown = [
      ...['cat /run/secrets/TOKEN', 'echo', 'base64 /run/secrets/TOKEN', 'xxd -p -c 256 /run/secrets/TOKEN'],
      ...['printf "key=%s;\\n" "$(cat /run/secrets/TOKEN)" >&2', '(printf x; cat /run/secrets/TOKEN) | base64'],
    ];
    const folder = await plant.context([
      `${BASE} AS made`,
      `RUN --mount=type=secret,id=TOKEN ${shown.join('; ')}`,
      'RUN echo to keep | tee /kept',
      BASE,
      'COPY --from=made /kept /kept',
    ]);
    await using cli = await plant.deploy(folder, ['--secret', 'id=TOKEN', '--no-timestamps'], { TOKEN: secret });
    expect({ code: await cli.exit(), stderr: cli.stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/uploaded 1 file.*\n.*is queued\n(?:.*\n)*.*build succeeded in \S+/),
    });
    const step = (name: string) => Number(new RegExp(`^#(\\d+) \\[${name}`, 'm').exec(cli.stdout)?.[1]);
    const linesOf = (number: number) => {
      const own = cli.stdout.split('\n').filter((line) => line.startsWith(`#${number} `));
      return own.map((line) => line.slice(`#${number} `.length));
    };
    const [masked, kept, copied] = [linesOf(step('made 2/3')), linesOf(step('made 3/3')), linesOf(step('stage-1 2/2'))];
    expect(masked[0]).toMatch(/^\[made 2\/3\] RUN --mount=type=secret,id=TOKEN cat /);
    // As base64 it leaves its padding, and what stood before it.
    for (const line of masked.slice(1, -1)) expect(line).toMatch(/^(?:key=|.{0,4})?\*\*\*=*;?$/);
    expect(masked).toHaveLength(7);
    expect(kept.slice(1)).toEqual(['to keep', expect.stringMatching(/^DONE \d+\.\d s$/)]);
    expect(copied.at(-1)).toMatch(/^DONE \d+\.\d s$/);
    expect(cli.stdout + cli.stderr).not.toContain(secret);
    const deployment = await plant.deployment(await plant.queuedBy(cli));
    expect(deployment).toMatchObject({ status: 'succeeded', exitCode: 0, image: expect.stringMatching(/^sha256:/) });
  }, 90_000);

  it('prints a line while its step still runs, and every subscriber has it', async () => {
    await using before = await Gate.start();
    await using behind = await Gate.start();
    const folder = await plant.context([BASE, `RUN ${before.command}; echo it is live; ${behind.command}; echo over`]);
    await using cli = await plant.deploy(folder, ['-o', 'raw']);
    const id = await plant.queuedBy(cli);
    const reader = await plant.reader(id);
    await before.reached();
    const asked = performance.now();
    before.release();
    const took = (await reader.sees('it is live')) - asked;
    process.stderr.write(`from a container's write to a subscriber: ${took.toFixed(0)} ms at most\n`);
    expect(took).toBeLessThan(GENEROUS_MS);
    await behind.reached();
    await eventually(() => cli.stdout.includes('it is live\n'));
    expect(messagesOf(reader.entries)).not.toContain('over');
    expect(await plant.deployment(id)).toMatchObject({ status: 'running' });
    behind.release();
    expect(await cli.exit()).toBe(0);
    expect(cli.stdout).toMatch(/^it is live\nover\n/m);
  }, 90_000);

  it('exits with 1 when a step exits with 3, and repeats its last 20 lines; the record has the 3', async () => {
    const folder = await plant.context([
      BASE,
      'RUN for i in $(seq 25); do echo make $i; done; exit 3',
      'RUN echo never',
    ]);
    await using cli = await plant.deploy(folder, ['--no-timestamps']);
    expect(await cli.exit()).toBe(1);
    const recap = cli.stderr.slice(cli.stderr.lastIndexOf('\n#') + 1).split('\n');
    expect(recap.slice(0, 21)).toEqual([
      expect.stringMatching(/^#\d+ \[2\/3\] RUN for i .* failed after \d+\.\d s; its last 20 lines:$/),
      ...Array.from({ length: 19 }, (_, n) => `  make ${n + 7}`),
      expect.stringMatching(/^ {2}ERROR: .* exit code: 3$/),
    ]);
    expect(recap.at(-2)).toMatch(/^kubidu: build failed after .* with exit code 3$/);
    expect(cli.stdout).not.toContain('never\n');
    const id = await plant.queuedBy(cli);
    expect(await plant.deployment(id)).toMatchObject({ status: 'failed', exitCode: 3 });
    const log = await plant.log(id);
    expect(log.at(-1)).toMatchObject({ event: { type: 'build-finished', status: 'failed', exitCode: 3 } });
    const late = await plant.reader(id);
    expect(await late.end()).toMatchObject({ lastIndex: log.length, status: 'failed', exitCode: 3 });
  }, 90_000);
});

describe('A build that many watch', () => {
  it('is whole and in order for who came at its start, long after it, and after its end', async () => {
    await using middle = await Gate.start();
    const script = numberedLinesScript(4_000, { writer: 'late', perSecond: 2_000 });
    const folder = await plant.context(
      [BASE, 'COPY lines.sh /', `RUN sh /lines.sh; ${middle.command}`, 'RUN echo the end'],
      { 'lines.sh': script },
    );
    await using cli = await plant.deploy(folder, ['--detach']);
    expect(await cli.exit()).toBe(0);
    const id = cli.stdout.trim();
    const early = await plant.reader(id);
    await middle.reached();
    const late = await plant.reader(id);
    middle.release();
    expect(await plant.ended(id)).toMatchObject({ status: 'succeeded', exitCode: 0 });
    const after = await plant.reader(id);

    const log = await plant.log(id);
    expect(log.map(({ index }) => index)).toEqual(log.map((_, at) => at + 1));
    for (const reader of [early, late, after]) {
      expect(await reader.end()).toEqual({
        ...{ stream: `build:${id}`, lastIndex: log.length },
        ...{ status: 'succeeded', exitCode: 0 },
      });
      expect(reader.entries).toEqual(log);
      expect([reader.gaps, reader.errors]).toEqual([[], []]);
    }
    expect(
      judge(log, [{ writer: 'late', lines: 4_000, stream: 'stdout' }], { ignore: (text) => !/^\d+\|/.test(text) })
        .report,
    ).toMatch(/^complete/);
    await using printed = await RunningCli.start(['logs', '--build', id, '-f', '-o', 'json'], {
      env: { KUBIDU_SERVER: plant.api.url },
    });
    expect(await printed.exit()).toBe(0);
    const lines = printed.stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as LogEntry)).toEqual(log);
  }, 120_000);
});
