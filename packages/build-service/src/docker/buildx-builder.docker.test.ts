import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LogsError } from '@kubidu/core';
import type { BuildResult, ImageBuild } from '@kubidu/core';
import { eventually, RealDocker, RealRegistry } from '@kubidu/testing';

import { BuildContext } from '../testing/build-context.ts';
import { commandLinesWith, markedSeconds } from '../testing/marked-process.ts';
import { plainLines } from '../testing/plain-progress.ts';
import { RecordedOutput } from '../testing/recorded-output.ts';
import { RunningBuild } from '../testing/running-build.ts';
import { BuildxBuilder } from './buildx-builder.ts';
import { DockerClient } from './docker-client.ts';

const BASE = 'FROM kubidu.test/busybox:1';
const HOST_NETWORK = ['--network', 'host'];

describe('BuildxBuilder on a real engine', () => {
  let docker: RealDocker;
  beforeAll(() => {
    docker = RealDocker.open();
  });
  afterAll(() => docker[Symbol.asyncDispose]());

  const builderOf = ({ env }: RealDocker = docker) =>
    new BuildxBuilder(new DockerClient({ environment: { ...process.env, ...env }, extraArguments: HOST_NETWORK }));

  /** Builds a Dockerfile to its end. */
  async function built(
    dockerfile: string,
    special: Partial<ImageBuild> = {},
    files: Readonly<Record<string, string>> = {},
  ): Promise<{ result: BuildResult; output: RecordedOutput }> {
    await using context = await BuildContext.write(dockerfile, files);
    const output = new RecordedOutput();
    const build = context.build(docker.image(), special);
    const result = await builderOf().build(build, output, new AbortController().signal);
    return { result, output };
  }

  const STAGES = `${BASE} AS base
RUN echo out; echo err >&2; sleep 1; printf 'no end'
FROM base AS two
RUN sleep 1; echo made > /made; echo two
FROM base
ARG GREETING
COPY --from=two /made /made
RUN cat /made; echo "$GREETING"
`;

  it('tells the steps of several stages with their lines, outputs and durations', async () => {
    const { result, output } = await built(STAGES, { buildArgs: { GREETING: 'hello you' } });
    expect(result).toEqual({
      status: 'succeeded',
      exitCode: 0,
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
    expect(output.messages('stdout')).toEqual(['out', 'no end', 'two', 'made', 'hello you']);
    expect(output.messages('stderr')).toEqual(['err']);
    expect(output.ends).toEqual(
      expect.arrayContaining([
        "5 succeeded [base 2/2] RUN echo out; echo err >&2; sleep 1; printf 'no end'",
        '6 succeeded [two 1/1] RUN sleep 1; echo made > /made; echo two',
        '7 succeeded [stage-2 1/2] COPY --from=two /made /made',
        '8 succeeded [stage-2 2/2] RUN cat /made; echo "hello you"',
      ]),
    );
    const slept = output.events.find(
      (event) => event.type === 'build-step' && event.step === 6 && event.status === 'succeeded',
    );
    expect(slept).toHaveProperty('durationMs', expect.any(Number));
    expect((slept as { durationMs: number }).durationMs).toBeGreaterThanOrEqual(1_000);
    const two = output.recorded.find(({ message }) => message === 'two');
    expect(two).toMatchObject({ step: 6, timestamp: expect.stringMatching(/T\d\d:\d\d:\d\d\.\d{7,9}Z$/) });
  });

  it('says of a second build which steps were there already', async () => {
    await using context = await BuildContext.write(`${BASE}\nRUN echo ${markedSeconds()}\n`);
    const build = context.build(docker.image(), { noCache: false });
    await builderOf().build(build, new RecordedOutput(), new AbortController().signal);
    const output = new RecordedOutput();
    await builderOf().build(build, output, new AbortController().signal);
    expect(output.ends).toEqual(expect.arrayContaining([expect.stringMatching(/^5 cached \[2\/2\] RUN echo/)]));
    expect(output.messages('stdout')).toEqual([]);
  });

  it('gives the steps and lines that plain progress shows, with its numbers', async () => {
    const marked = STAGES.replace('echo two', 'seq 1 20000');
    await using context = await BuildContext.write(marked);
    const output = new RecordedOutput();
    await builderOf().build(context.build(docker.image()), output, new AbortController().signal);
    const flags = [...HOST_NETWORK, '--no-cache', '--progress', 'plain', '--tag', docker.image()];
    const { stderr } = await docker.both('buildx', 'build', ...flags, context.path);
    expect(plainLines(output)).toEqual(plainLines(stderr));
  });

  it('passes on target, labels, Dockerfile path and .dockerignore', async () => {
    const text = `${BASE} AS wanted\nCOPY . /all\nRUN ls /all; exit 0\nFROM wanted\nRUN echo unwanted\n`;
    await using context = await BuildContext.write('', {
      'deep/File': text,
      kept: '',
      ignored: '',
      '.dockerignore': 'ignored',
    });
    const output = new RecordedOutput();
    const image = docker.image();
    const special = { dockerfile: 'deep/File', target: 'wanted', labels: { 'a.b': 'c=d e' } };
    await builderOf().build(context.build(image, special), output, new AbortController().signal);
    expect(output.messages('stdout')).toEqual(['deep', 'kept']);
    expect(await docker.docker('image', 'inspect', '--format', '{{json .Config.Labels}}', image)).toContain(
      '"a.b":"c=d e"',
    );
  });

  it('pushes, and then gives the digest that the registry knows', async () => {
    await using registry = await RealRegistry.start();
    const image = docker.image(registry.address);
    const { result } = await built(`${BASE}\nRUN echo pushed\n`, { image, push: true });
    expect(result).toMatchObject({ status: 'succeeded' });
    expect(await registry.digestOf(image)).toBe(result.digest);
  });

  it.each([
    {
      what: 'a command that fails',
      dockerfile: `${BASE}\nRUN exit 3\n`,
      exitCode: 3,
      problem: /step 5 failed with exit code 3: \[2\/2\] RUN exit 3/,
    },
    {
      what: 'a Dockerfile with a mistake',
      dockerfile: `${BASE}\nRUNN true\n`,
      exitCode: 1,
      problem: /the Dockerfile cannot be built as it is\n.*unknown instruction: RUNN/s,
    },
    {
      what: 'a base image that nobody has',
      dockerfile: 'FROM nowhere.invalid/image:1\n',
      exitCode: 1,
      problem: /could not be pulled\n.*nowhere\.invalid/s,
    },
    {
      what: 'a file that is not there',
      dockerfile: `${BASE}\nCOPY nothing /\n`,
      exitCode: 1,
      problem: /a file that the Dockerfile copies is not there/,
    },
    {
      what: 'a full disk',
      dockerfile: `${BASE}\nRUN dd if=/dev/zero of=/dev/shm/full bs=1M count=2000\n`,
      exitCode: 1,
      problem: /step 5 failed with exit code 1: .*\nthe disk of the builder is full/s,
    },
  ])('says why $what ends a build', async ({ dockerfile, exitCode, problem }) => {
    const { result, output } = await built(dockerfile);
    expect(result).toEqual({ status: 'failed', exitCode, problem: expect.stringMatching(problem) });
    expect(output.ends.filter((end) => end.includes(' succeeded ')).length).toBeGreaterThan(0);
  });

  it.each([
    { what: 'no Dockerfile', special: {}, problem: 'there is no Dockerfile in the folder to build' },
    {
      what: 'a Dockerfile outside',
      special: { dockerfile: '../../etc/passwd' },
      problem: /lies outside the folder to build/,
    },
    { what: 'no folder', special: { context: '/nowhere/at/all' }, problem: 'the folder to build is not there' },
    {
      what: 'a build argument that Docker reads itself',
      special: { dockerfile: 'file', buildArgs: { DOCKER_HOST: 'tcp://x' } },
      problem: /DOCKER_HOST cannot be a build argument/,
    },
  ])('refuses $what before it begins', async ({ special, problem }) => {
    const { result, output } = await built('', special, { file: '' });
    expect(result).toEqual({ status: 'failed', problem: expect.stringMatching(problem) });
    expect(output.all).toEqual([]);
  });

  it('is UNAVAILABLE where no engine answers', async () => {
    await using context = await BuildContext.write(BASE);
    const builder = builderOf({ env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } } as RealDocker);
    const building = builder.build(context.build('x:1'), new RecordedOutput(), new AbortController().signal);
    await expect(building).rejects.toThrow(LogsError);
    await expect(building).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await builder.health()).toMatchObject({ ok: false, detail: expect.stringContaining('does not answer') });
    expect(await builderOf().health()).toEqual({ ok: true });
  });

  it('fails with words when the engine is killed under it', async () => {
    await using own = await RealDocker.start();
    const seconds = markedSeconds();
    await using context = await BuildContext.write(`${BASE}\nRUN echo up; sleep ${seconds}\n`);
    const output = new RecordedOutput();
    await using running = new RunningBuild(builderOf(own), context.build('gone:1'), output);
    await eventually(() => output.messages('stdout').includes('up'));
    await own.kill9();
    expect(await running.result).toMatchObject({
      status: 'failed',
      problem: expect.stringMatching(/the Docker engine went away/),
    });
    expect(output.ends.at(-1)).toMatch(/^5 failed \[2\/2\] RUN echo up/);
  });

  it('stops the container when it is aborted, and leaves nothing', async () => {
    const seconds = markedSeconds();
    await using context = await BuildContext.write(`${BASE}\nRUN trap '' TERM INT; echo up; sleep ${seconds}\n`);
    const output = new RecordedOutput();
    await using running = new RunningBuild(builderOf(), context.build(docker.image()), output);
    await eventually(() => output.messages('stdout').includes('up'));
    expect(commandLinesWith(`sleep ${seconds}`)).not.toEqual([]);
    running.stop();
    await eventually(() => commandLinesWith(`sleep ${seconds}`).length === 0, { timeoutMs: 5_000 });
    expect(await running.result).toEqual({ status: 'cancelled' });
    expect(output.ends.at(-1)).toMatch(/^5 cancelled \[2\/2\] RUN trap/);
    expect(commandLinesWith(context.path)).toEqual([]);
  });

  it('mounts secrets, and puts neither them nor build arguments into any command line', async () => {
    const [secret, argument] = [`s3cret-${markedSeconds()}`, `argument-${markedSeconds()}`];
    const dockerfile = `${BASE}\nARG GIVEN\nRUN --mount=type=secret,id=TOKEN cat /run/secrets/TOKEN; echo; sleep 1; test -n "$GIVEN"\n`;
    await using context = await BuildContext.write(dockerfile);
    const output = new RecordedOutput();
    const seen: string[] = [];
    const special = { secrets: { TOKEN: secret }, buildArgs: { GIVEN: argument } };
    await using running = new RunningBuild(builderOf(), context.build(docker.image(), special), output);
    await eventually(() => {
      seen.push(...commandLinesWith(secret), ...commandLinesWith(argument));
      return output.ends.some((end) => end.startsWith('6 succeeded')) || output.messages('stdout').includes(secret);
    });
    expect(await running.result).toMatchObject({ status: 'succeeded' });
    expect(output.messages('stdout')).toContain(secret);
    expect(seen).toEqual([]);
  });

  it('knows how a build ended whose step wrote faster than BuildKit tells, and says what is missing', async () => {
    const { result, output } = await built(`${BASE}\nRUN yes 0123456789 | head -n 4000000\n`);
    expect(result).toMatchObject({ status: 'succeeded', digest: expect.stringContaining('sha256:') });
    const lines = output.recorded.filter(({ message }) => message === '0123456789').length;
    const lost = output.events.filter(({ type }) => type === 'lost').length;
    expect({ lines, lost }).toEqual(lines === 4_000_000 ? { lines, lost: 0 } : { lines, lost: 1 });
    expect(output.ends.some((end) => end.startsWith('5 succeeded'))).toBe(true);
  });
});
