import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';
import type { BuildJob } from '@kubidu/core';
import { eventually, RealRedis, SpawnedProcess } from '@kubidu/testing';

import { BullBuildQueue } from './bull-build-queue.ts';
import { DiskBuildQueue } from './disk-build-queue.ts';

/** Takes jobs and says so; holds each until SIGUSR2, or until its signal aborts. */
const WORKER = `
  import { BullBuildQueue, DiskBuildQueue } from '@kubidu/build-service';
  const [where, retry] = process.argv.slice(1);
  const queue = where.includes('://') ? await BullBuildQueue.open(where) : await DiskBuildQueue.open(where);
  const say = (line) => process.stdout.write(line + '\\n');
  const finish = new Set();
  process.on('SIGUSR2', () => finish.forEach((done) => done()));
  const handler = ({ deploymentId }, { number, signal }) => new Promise((resolve) => {
    say('begins ' + deploymentId + ' ' + number);
    const end = (how) => { finish.delete(done); say(how + ' ' + deploymentId); resolve(); };
    const done = () => end('finishes');
    finish.add(done);
    const stop = () => end(signal.reason.description ?? signal.reason.message);
    if (signal.aborted) stop(); else signal.addEventListener('abort', stop);
  });
  const abandoned = async ({ deploymentId }) => say('abandons ' + deploymentId);
  const worker = await queue.work(handler, { concurrency: 2, retry: retry === 'once', abandoned });
  process.on('SIGTERM', async () => { await worker[Symbol.asyncDispose](); await queue[Symbol.asyncDispose](); });
  say('works');
`;

const home = fileURLToPath(new URL('../..', import.meta.url));
const PATIENT = { timeoutMs: 30_000 };
const LONG = process.env['KUBIDU_TEST_LONG'] !== undefined;

/** Something that happens to Redis. */
interface Fault {
  readonly fault: string;
  readonly begin: (redis: RealRedis) => Promise<void>;
  readonly end: (redis: RealRedis) => Promise<void>;
}

async function startWorker(where: string, retry: 'once' | 'never' = 'once'): Promise<SpawnedProcess> {
  const worker = new SpawnedProcess('--input-type=module', ['-e', WORKER, where, retry], { cwd: home });
  await eventually(
    () => worker.stdout.includes('works') || (!worker.running && Promise.reject(new Error(worker.stderr))),
  );
  return worker;
}

const newJob = (): BuildJob => ({
  deploymentId: `d-${randomUUID()}`,
  request: { serviceId: 'web', source: { path: '/' } },
});

/** Of two workers the one that has begun the job, and the other. */
async function whoBegan(
  workers: readonly [SpawnedProcess, SpawnedProcess],
  line: string,
): Promise<[SpawnedProcess, SpawnedProcess]> {
  const [one, other] = workers;
  await eventually(() => one.stdout.includes(line) || other.stdout.includes(line));
  return one.stdout.includes(line) ? [one, other] : [other, one];
}

describe('A job in Redis', () => {
  it('is taken again once when its worker is killed, and abandoned when the next one is, too', async () => {
    await using redis = await RealRedis.start();
    await using queue = await BullBuildQueue.open(redis.url);
    const job = newJob();
    const id = job.deploymentId;
    await using a = await startWorker(redis.url);
    await using b = await startWorker(redis.url);
    await queue.add(job);
    const [first, second] = await whoBegan([a, b], `begins ${id} 1`);
    await first.kill9();
    await eventually(() => second.stdout.includes(`begins ${id} 2`), PATIENT);
    await using third = await startWorker(redis.url);
    await second.kill9();
    await eventually(() => third.stdout.includes(`abandons ${id}`), PATIENT);
    await eventually(async () => !(await queue.has(id)));
    expect(third.stdout).not.toContain(`begins ${id}`);
  }, 90_000);

  it('is abandoned at once where no job is to be tried again, and the next one is taken', async () => {
    await using redis = await RealRedis.start();
    await using queue = await BullBuildQueue.open(redis.url);
    const job = newJob();
    const id = job.deploymentId;
    await using a = await startWorker(redis.url, 'never');
    await using b = await startWorker(redis.url, 'never');
    await queue.add(job);
    const [first, second] = await whoBegan([a, b], `begins ${id} 1`);
    await first.kill9();
    await eventually(() => second.stdout.includes(`abandons ${id}`), PATIENT);
    const next = newJob();
    await queue.add(next);
    await eventually(() => second.stdout.includes(`begins ${next.deploymentId} 1`));
  }, 60_000);

  // Nothing but time tells that a lock ran out: in the short form only the tests of whole builds wait for it.
  const faults: readonly Fault[] = [
    { fault: 'killed, and started again with its data', begin: (r) => r.kill9(), end: (r) => r.restart() },
    { fault: 'frozen', begin: async (r) => r.freeze(), end: async (r) => r.thaw() },
  ];
  if (LONG)
    it.each(faults)(
      'stays with its worker while Redis is $fault, longer than a lock lives',
      async ({ begin, end }) => {
        await using redis = await RealRedis.start({ appendOnly: true });
        await using queue = await BullBuildQueue.open(redis.url);
        const job = newJob();
        const id = job.deploymentId;
        await using a = await startWorker(redis.url);
        await using b = await startWorker(redis.url);
        await queue.add(job);
        const [first, second] = await whoBegan([a, b], `begins ${id} 1`);
        await begin(redis);
        await passed(8_000);
        await end(redis);
        // As long as two looks for dead workers take, once anybody looks again.
        await passed(15_000);
        await eventually(async () => expect(await queue.depth()).toEqual({ waiting: 0, running: 1 }));
        expect(second.stdout).not.toContain(id);
        first.signal('SIGUSR2');
        await eventually(async () => !(await queue.has(id)), PATIENT);
        expect(first.stdout).toBe(`works\nbegins ${id} 1\nfinishes ${id}\n`);
        // Both go on taking jobs.
        const more = [newJob(), newJob(), newJob(), newJob()];
        for (const one of more) await queue.add(one);
        for (const one of more)
          await eventually(() => (first.stdout + second.stdout).includes(`begins ${one.deploymentId} 1`), PATIENT);
      },
      120_000,
    );

  it('that ends while Redis is away is over, once Redis is back', async () => {
    await using redis = await RealRedis.start({ appendOnly: true });
    await using queue = await BullBuildQueue.open(redis.url);
    const job = newJob();
    const id = job.deploymentId;
    await using a = await startWorker(redis.url);
    await using b = await startWorker(redis.url);
    await queue.add(job);
    const [first, second] = await whoBegan([a, b], `begins ${id} 1`);
    await redis.kill9();
    first.signal('SIGUSR2');
    await eventually(() => first.stdout.includes('finishes'));
    await passed(6_000);
    await redis.restart();
    await eventually(async () => !(await queue.has(id)), PATIENT);
    expect(first.stdout + second.stdout).toBe(`works\nbegins ${id} 1\nfinishes ${id}\nworks\n`);
  }, 60_000);

  it('is cancelled in whichever process runs it, also where the message was lost', async () => {
    await using redis = await RealRedis.start();
    await using queue = await BullBuildQueue.open(redis.url);
    const [told, untold] = [newJob(), newJob()];
    await using worker = await startWorker(redis.url);
    for (const job of [told, untold]) await queue.add(job);
    await eventually(() => worker.stdout.includes(told.deploymentId) && worker.stdout.includes(untold.deploymentId));
    expect(await queue.cancel(told.deploymentId)).toBe('running');
    await redis.cli('set', `bull:builds:cancelled:${untold.deploymentId}`, '1');
    for (const { deploymentId } of [told, untold])
      await eventually(() => worker.stdout.includes(`cancelled ${deploymentId}`));
    await eventually(async () => expect(await queue.depth()).toEqual({ waiting: 0, running: 0 }));
    await eventually(async () => (await redis.cli('keys', '*cancelled*')) === '');
  });

  it('goes to another worker when its own is told to end', async () => {
    await using redis = await RealRedis.start();
    await using queue = await BullBuildQueue.open(redis.url);
    const job = newJob();
    const id = job.deploymentId;
    await using a = await startWorker(redis.url, 'never');
    await using b = await startWorker(redis.url, 'never');
    await queue.add(job);
    const [first, second] = await whoBegan([a, b], `begins ${id} 1`);
    first.signal('SIGTERM');
    await eventually(() => second.stdout.includes(`begins ${id} 2`));
    expect(await first.exit()).toBe(0);
    expect(first.stdout).toContain(`the worker closes ${id}`);
  });
});

describe('A job in a folder', () => {
  it.each([
    { retry: 'once', lives: ['begins', 'begins', 'abandons'] },
    { retry: 'never', lives: ['begins', 'abandons'] },
  ] as const)(
    'whose process is killed leads to $lives where it is to be tried again $retry',
    async ({ retry, lives }) => {
      const path = await mkdtemp(join(tmpdir(), 'kubidu-deaths-'));
      const { deploymentId: id } = await added(path);
      for (const [at, what] of lives.entries()) {
        await using worker = await startWorker(path, retry);
        await eventually(() => worker.stdout.includes(what === 'begins' ? `begins ${id} ${at + 1}` : `abandons ${id}`));
        if (what === 'begins') await worker.kill9();
      }
      await eventually(async () => {
        await using queue = await DiskBuildQueue.open(path);
        expect(await queue.depth()).toEqual({ waiting: 0, running: 0 });
      });
      await rm(path, { recursive: true });
    },
    30_000,
  );
});

async function added(path: string): Promise<BuildJob> {
  await using queue = await DiskBuildQueue.open(path);
  const job = newJob();
  await queue.add(job);
  return job;
}

/** A fault lasts for so long: nothing that could be waited for tells it. */
async function passed(ms: number): Promise<void> {
  const until = Date.now() + ms;
  await eventually(() => Date.now() >= until, { timeoutMs: ms + 5_000, everyMs: 100 });
}
