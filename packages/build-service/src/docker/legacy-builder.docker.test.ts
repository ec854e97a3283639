import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BuildResult, ImageBuild } from '@kubidu/core';
import { eventually, RealDocker, RealRegistry } from '@kubidu/testing';

import { BuildContext } from '../testing/build-context.ts';
import { commandLinesWith, markedSeconds } from '../testing/marked-process.ts';
import { RecordedOutput } from '../testing/recorded-output.ts';
import { RunningBuild } from '../testing/running-build.ts';
import { DockerBuilder } from './docker-builder.ts';

const BASE = 'FROM kubidu.test/busybox:1';

describe('DockerBuilder where the client has no buildx', () => {
  let docker: RealDocker;
  let folder: string;
  let builder: DockerBuilder;
  beforeAll(async () => {
    docker = RealDocker.open();
    folder = await mkdtemp(join(tmpdir(), 'kubidu-client-'));
    const command = join(folder, 'docker');
    await writeFile(command, '#!/bin/sh\n[ "$1" = buildx ] && exit 1\nexec docker "$@"\n', { mode: 0o755 });
    builder = new DockerBuilder({ command, extraArguments: ['--network', 'host'] });
  });
  afterAll(async () => {
    await docker[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  async function built(
    dockerfile: string,
    special: Partial<ImageBuild> = {},
  ): Promise<{ result: BuildResult; output: RecordedOutput }> {
    await using context = await BuildContext.write(dockerfile);
    const output = new RecordedOutput();
    const result = await builder.build(context.build(docker.image(), special), output, new AbortController().signal);
    return { result, output };
  }

  it('tells the steps with their number of all, and keeps the two outputs apart', async () => {
    const { result, output } = await built(
      `${BASE} AS a\nARG GIVEN\nRUN echo "out $GIVEN"; sleep 1; echo err >&2; sleep 1; printf 'no end'\n${BASE}\nCOPY --from=a /etc/passwd /x\n`,
      { buildArgs: { GIVEN: 'argument' } },
    );
    expect(result).toEqual({
      status: 'succeeded',
      exitCode: 0,
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
    expect(output.messages('stdout')).toEqual(['out argument', 'no end']);
    expect(output.messages('stderr')).toEqual(['err']);
    expect(output.recorded.find(({ message }) => message === 'err')).toMatchObject({ step: 3 });
    expect(output.events.at(-1)).toMatchObject({ step: 5, total: 5, status: 'succeeded' });
    expect(output.events.filter((event) => event.type === 'build-step' && event.status === 'started')).toHaveLength(5);
  });

  it('says which steps were there already', async () => {
    const dockerfile = `${BASE}\nRUN echo ${markedSeconds()}\n`;
    await built(dockerfile, { noCache: false });
    const { output } = await built(dockerfile, { noCache: false });
    expect(output.ends.at(-1)).toMatch(/^2 cached RUN echo/);
  });

  it.each([
    {
      what: 'a command that fails',
      dockerfile: `${BASE}\nRUN exit 3\n`,
      exitCode: 3,
      problem: /step 2 failed with exit code 3: RUN exit 3/,
    },
    {
      what: 'a Dockerfile with a mistake',
      dockerfile: `${BASE}\nRUNN true\n`,
      exitCode: 1,
      problem: /cannot be built as it is/,
    },
    {
      what: 'a base image that nobody has',
      dockerfile: 'FROM nowhere.invalid/image:1\n',
      exitCode: 1,
      problem: /could not be pulled/,
    },
  ])('says why $what ends a build', async ({ dockerfile, exitCode, problem }) => {
    const { result } = await built(dockerfile);
    expect(result).toEqual({ status: 'failed', exitCode, problem: expect.stringMatching(problem) });
  });

  it('refuses build secrets', async () => {
    const { result } = await built(BASE, { secrets: { TOKEN: 'x' } });
    expect(result).toEqual({ status: 'failed', problem: expect.stringMatching(/need buildx/) });
  });

  it('pushes as a step of its own', async () => {
    await using registry = await RealRegistry.start();
    const image = docker.image(registry.address);
    const { result, output } = await built(`${BASE}\nRUN echo pushed\n`, { image, push: true });
    expect(result).toEqual({ status: 'succeeded', exitCode: 0, digest: await registry.digestOf(image) });
    expect(output.ends.at(-1)).toBe(`3 succeeded push ${image}`);
  });

  it('stops the container when it is aborted, and leaves none', async () => {
    const seconds = markedSeconds();
    await using context = await BuildContext.write(`${BASE}\nRUN echo up; sleep ${seconds}\n`);
    const output = new RecordedOutput();
    await using running = new RunningBuild(builder, context.build(docker.image()), output);
    await eventually(() => output.messages('stdout').includes('up'));
    running.stop();
    await eventually(() => commandLinesWith(`sleep ${seconds}`).length === 0, { timeoutMs: 5_000 });
    expect(await running.result).toEqual({ status: 'cancelled' });
    expect(output.ends.at(-1)).toMatch(/^2 cancelled RUN echo up/);
    await eventually(async () => !(await docker.docker('ps', '--all', '--no-trunc')).includes(`sleep ${seconds}`));
  });
});
