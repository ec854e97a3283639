import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BuildOutput, ImageBuilder } from '@kubidu/core';
import { openRedisStore } from '@kubidu/store-redis';
import type { RedisStore } from '@kubidu/store-redis';
import { eventually, RealDocker, RealRedis } from '@kubidu/testing';

import { DockerBuilder } from '../docker/docker-builder.ts';
import { BuildContext } from '../testing/build-context.ts';
import { commandLinesWith, markedSeconds } from '../testing/marked-process.ts';
import { ServiceFixture } from '../testing/service-fixture.ts';

const BASE = 'FROM kubidu.test/busybox:1';
const range = (last: number) => Array.from({ length: last }, (_, at) => `line ${at + 1}`);

describe('BuildService with a real engine and a real Redis', () => {
  let docker: RealDocker;
  let redis: RealRedis;
  let store: RedisStore;
  const builder = new DockerBuilder({ extraArguments: ['--network', 'host'] });
  const images: string[] = [];
  beforeAll(async () => {
    docker = RealDocker.open();
    redis = await RealRedis.start({ appendOnly: true });
    store = await openRedisStore({ url: redis.url });
  });
  afterAll(async () => {
    await store[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
    await docker[Symbol.asyncDispose]();
  });

  const imageOf = () => {
    const name = docker.image();
    images.push(name);
    return { name, push: false };
  };
  /** The builder, and how many lines it has handed over. */
  const counting = (counted: { lines: number }): ImageBuilder => ({
    build: (build, output, signal) => {
      const counts: BuildOutput = {
        lines: (lines, stream, step) => {
          if (stream === 'stdout') counted.lines += lines.length;
          output.lines(lines, stream, step);
        },
        event: output.event.bind(output),
        ready: output.ready.bind(output),
      };
      return builder.build(build, counts, signal);
    },
    health: () => builder.health(),
  });

  it('has the lines of a build in its stream while it runs, and all of them in order at its end', async () => {
    await using fixture = await ServiceFixture.open(store, builder, { imageOf });
    await using context = await BuildContext.write(
      `${BASE}\nRUN echo line 1; sleep 2; for i in $(seq 2 2000); do echo line $i; done\n`,
    );
    const job = await fixture.job(context.path, `live-${Date.now()}`);
    const { done } = fixture.run(job);
    const early = await eventually(async () => {
      const messages = await fixture.messages(job);
      return messages.includes('line 1') && messages;
    });
    expect(early).not.toContain('line 2');
    await done;
    expect((await fixture.messages(job)).filter((message) => message.startsWith('line'))).toEqual(range(2_000));
    expect((await fixture.entries(job)).at(-1)).toMatchObject({
      event: { type: 'build-finished', status: 'succeeded' },
    });
  });

  it('goes on while Redis is away for longer than a lease lasts, and then has everything in order', async () => {
    const counted = { lines: 0 };
    await using fixture = await ServiceFixture.open(store, counting(counted), { imageOf });
    await using context = await BuildContext.write(
      `${BASE}\nRUN i=0; while [ $i -lt 120 ]; do i=$((i+1)); echo line $i; usleep 100000; done\n`,
    );
    const job = await fixture.job(context.path, `away-${Date.now()}`);
    const { done } = fixture.run(job);
    await eventually(async () => (await fixture.messages(job)).includes('line 5'));
    await redis.kill9();
    // More than 7 s of the container's time.
    await eventually(() => counted.lines >= 90, { timeoutMs: 20_000 });
    await redis.restart();
    await done;
    expect((await fixture.messages(job)).filter((message) => message.startsWith('line'))).toEqual(range(120));
    expect((await fixture.entries(job)).at(-1)).toMatchObject({
      event: { type: 'build-finished', status: 'succeeded' },
    });
    expect((await fixture.head(job)).ended).toEqual({ status: 'succeeded', exitCode: 0 });
    expect(await store.deployments.get(job.deploymentId)).toMatchObject({ status: 'succeeded' });
    expect(await fixture.files()).toEqual([]);
  }, 60_000);

  it('keeps a long outage on disk, and says how many lines the bound has cost', async () => {
    const counted = { lines: 0 };
    const maxBytes = 256 * 1024;
    await using fixture = await ServiceFixture.open(store, counting(counted), {
      imageOf,
      ...{ spool: { folder: '/tmp', maxBytes } },
    });
    // Some 6 MB, in pieces that BuildKit can tell: the appender holds one, the spool a quarter, the rest is lost.
    const loop =
      'i=0; while [ $i -lt 60 ]; do i=$((i+1)); yes 0123456789012345678901234567890123456789 | head -n 2500; usleep 100000; done';
    await using context = await BuildContext.write(`${BASE}\nRUN echo up; ${loop}\n`);
    const job = await fixture.job(context.path, `full-${Date.now()}`);
    const { done } = fixture.run(job);
    await eventually(async () => (await fixture.messages(job)).includes('up'));
    await redis.kill9();
    await eventually(() => counted.lines > 150_000, { timeoutMs: 40_000 });
    await redis.restart();
    await done;
    const entries = await fixture.entries(job);
    const stored = entries.filter(({ stream }) => stream === 'stdout').length;
    const lost = entries.flatMap(({ event }) => (event?.type === 'lost' ? [event] : []));
    expect(lost).toMatchObject([{ reason: expect.stringMatching(/the store was away and the spool/) }]);
    expect(stored + (lost[0]?.lines ?? 0)).toBe(150_001);
  }, 90_000);

  it('stops the container of a build that is cancelled within 5 s, and says that it was', async () => {
    await using fixture = await ServiceFixture.open(store, builder, { imageOf });
    const seconds = markedSeconds();
    await using context = await BuildContext.write(`${BASE}\nRUN echo up; sleep ${seconds}\n`);
    const job = await fixture.job(context.path, `cancelled-${Date.now()}`);
    const running = fixture.run(job);
    await eventually(async () => (await fixture.messages(job)).includes('up'));
    running.cancel();
    await eventually(() => commandLinesWith(`sleep ${seconds}`).length === 0, { timeoutMs: 5_000 });
    await running.done;
    expect((await fixture.head(job)).ended).toEqual({ status: 'cancelled' });
    expect((await fixture.entries(job)).slice(-2)).toMatchObject([
      { event: { type: 'build-step', status: 'cancelled' } },
      { event: { type: 'build-finished', status: 'cancelled' } },
    ]);
  });

  it('stops a build that takes too long', async () => {
    await using fixture = await ServiceFixture.open(store, builder, { imageOf, timeoutMs: 4_000 });
    const seconds = markedSeconds();
    await using context = await BuildContext.write(`${BASE}\nRUN sleep ${seconds}\n`);
    const job = await fixture.job(context.path, `slow-${Date.now()}`);
    await fixture.run(job).done;
    expect((await fixture.messages(job)).at(-1)).toBe('the build took longer than 4 s and was stopped');
    expect((await fixture.head(job)).ended).toEqual({ status: 'failed' });
    expect(commandLinesWith(`sleep ${seconds}`)).toEqual([]);
  });

  it('lets no two attempts write one stream: the second waits, and finds it ended', async () => {
    await using fixture = await ServiceFixture.open(store, builder, { imageOf });
    await using context = await BuildContext.write(`${BASE}\nRUN echo line 1; sleep 1; echo line 2\n`);
    const job = await fixture.job(context.path, `twice-${Date.now()}`);
    await Promise.all([fixture.run(job).done, fixture.run(job, 2).done]);
    expect((await fixture.messages(job)).filter((message) => message.startsWith('line'))).toEqual(range(2));
  });
});
