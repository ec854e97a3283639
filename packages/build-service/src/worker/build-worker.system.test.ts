import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LogEntry } from '@kubidu/contracts';
import { systemClock } from '@kubidu/core';
import { Connection, openRedisStore } from '@kubidu/store-redis';
import type { RedisStore } from '@kubidu/store-redis';
import { eventually, RealRedis, SpawnedProcess } from '@kubidu/testing';

import { Desk } from '../desk/desk.ts';
import { BullBuildQueue } from '../queue/bull-build-queue.ts';
import { Sealer } from '../secrets/sealer.ts';
import { RedisBuildUploads } from '../uploads/redis-build-uploads.ts';

/**
 * A whole worker, but for Docker: its builder writes `<pid> 1`, `<pid> 2` …, one every few milliseconds, and has built
 * after so many.
 */
const WORKER = `
  import 'reflect-metadata';
  import { BuildModule, BullBuildQueue, RedisBuildUploads, Sealer } from '@kubidu/build-service';
  import { readSettings, BUILD_SETTINGS, SHARED_SETTINGS } from '@kubidu/build-service/settings';
  import { Connection, openRedisStore } from '@kubidu/store-redis';
  import { NestFactory } from '@nestjs/core';
  import { mkdir } from 'node:fs/promises';
  import { pino } from 'pino';
  const [lines] = process.argv.slice(1).map(Number);
  const settings = readSettings({ ...SHARED_SETTINGS, ...BUILD_SETTINGS }, process.env, []);
  await mkdir(settings.KUBIDU_DATA_DIR + '/spool', { recursive: true });
  const url = settings.KUBIDU_REDIS_URL;
  const builder = {
    async build({ secrets }, output, signal) {
      for (let n = 1; n <= lines && !signal.aborted; n++) {
        await output.ready();
        const message = process.pid + ' ' + n + (n === 1 ? ' ' + Object.values(secrets) : '');
        output.lines([{ timestamp: new Date().toISOString(), message }], 'stdout', 1);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return signal.aborted ? { status: 'cancelled' } : { status: 'succeeded', exitCode: 0, digest: 'sha256:abc' };
    },
    health: async () => ({ ok: true }),
  };
  const { store, leases, deployments, ...redis } = await openRedisStore({ url });
  const connection = new Connection(url);
  await connection.open();
  const queue = await BullBuildQueue.open(url);
  const app = await NestFactory.createApplicationContext(
    BuildModule.of({
      settings, store, leases, deployments, queue, builder,
      allowedRoots: ['/'],
      uploads: new RedisBuildUploads(connection, 1000),
      sealer: new Sealer(settings),
      logger: pino(process.stderr),
    }),
    { logger: false },
  );
  process.on('SIGTERM', async () => {
    await app.close();
    await queue[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });
  process.stdout.write('works\\n');
`;

const KEY = 'a key of at least thirty-two bytes';
const home = fileURLToPath(new URL('../..', import.meta.url));
const PATIENT = { timeoutMs: 40_000 };

let folder: string;
let redis: RealRedis;
let own: RedisStore;
let connection: Connection;
let queue: BullBuildQueue;
let desk: Desk;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubidu-worker-'));
  redis = await RealRedis.start();
  own = await openRedisStore({ url: redis.url });
  connection = new Connection(redis.url);
  await connection.open();
  queue = await BullBuildQueue.open(redis.url);
  desk = new Desk({
    ...{ store: own.store, deployments: own.deployments, queue, clock: systemClock, random: randomBytes },
    uploads: new RedisBuildUploads(connection, 1_000),
    sealer: new Sealer({ KUBIDU_SECRETS_KEY: KEY }),
    allowedRoots: ['/'],
    workersHere: true,
    health: () => Promise.resolve({ ok: true }),
  });
});

afterAll(async () => {
  await queue[Symbol.asyncDispose]();
  await connection[Symbol.asyncDispose]();
  await own[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function startWorker(lines: number, env: Record<string, string> = {}): Promise<SpawnedProcess> {
  const worker = new SpawnedProcess('--input-type=module', ['-e', WORKER, String(lines)], {
    cwd: home,
    env: { KUBIDU_REDIS_URL: redis.url, KUBIDU_DATA_DIR: join(folder, 'data'), KUBIDU_SECRETS_KEY: KEY, ...env },
  });
  await eventually(
    () => worker.stdout.includes('works') || (!worker.running && Promise.reject(new Error(worker.stderr))),
  );
  return worker;
}

async function ask(secrets?: Record<string, string>): Promise<string> {
  const request = { serviceId: 'web', source: { path: folder }, ...(secrets && { secrets }) };
  return (await desk.request(request)).deploymentId;
}

async function entriesOf(deploymentId: string): Promise<LogEntry[]> {
  const { batches } = await own.store.read(`build:${deploymentId}`, { after: 0, limit: 10_000 });
  return batches.flatMap((batch) => batch.entries());
}

/** Numbers of the lines that this worker wrote, in their order. */
const linesOf = (entries: readonly LogEntry[], { pid }: SpawnedProcess) =>
  entries.filter(({ message }) => message.startsWith(`${pid} `)).map(({ message }) => Number(message.split(' ')[1]));

const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);

/** The worker that has written 50 lines of the build, and the other. */
async function whoBuilds(
  deploymentId: string,
  [a, b]: readonly [SpawnedProcess, SpawnedProcess],
): Promise<[SpawnedProcess, SpawnedProcess]> {
  return eventually(async () => {
    const entries = await entriesOf(deploymentId);
    if (linesOf(entries, a).length >= 50) return [a, b] as [SpawnedProcess, SpawnedProcess];
    return linesOf(entries, b).length >= 50 && ([b, a] as [SpawnedProcess, SpawnedProcess]);
  });
}

async function ended(deploymentId: string) {
  return eventually(async () => {
    const record = await own.deployments.get(deploymentId);
    return record?.endedAt !== undefined && record;
  }, PATIENT);
}

const eventsOf = (entries: readonly LogEntry[]) =>
  entries.flatMap(({ event }) => (event === undefined ? [] : [event.type]));

describe('A build whose worker is killed', () => {
  it('begins anew with another worker, behind what the first one wrote, and readers see it', async () => {
    await using a = await startWorker(400);
    await using b = await startWorker(400);
    const id = await ask();
    const [first, second] = await whoBuilds(id, [a, b]);
    await first.kill9();
    expect(await ended(id)).toMatchObject({ status: 'succeeded', exitCode: 0, image: 'sha256:abc' });
    const entries = await entriesOf(id);
    const written = linesOf(entries, first);
    expect(written).toEqual(upTo(written.length));
    expect(linesOf(entries, second)).toEqual(upTo(400));
    const anew = entries.findIndex(({ event }) => event?.type === 'lost');
    expect(entries.slice(0, anew).filter(({ message }) => message.startsWith(`${second.pid} `))).toEqual([]);
    expect(entries.slice(anew).filter(({ message }) => message.startsWith(`${first.pid} `))).toEqual([]);
    expect(eventsOf(entries)).toEqual(['lost', 'build-finished']);
    expect((await own.store.head(`build:${id}`)).ended).toEqual({ status: 'succeeded', exitCode: 0 });
    await eventually(async () => expect(await queue.depth()).toEqual({ waiting: 0, running: 0 }));
  }, 90_000);

  it('is lost where no build is tried again, and the next one is built', async () => {
    const never = { KUBIDU_BUILD_RETRY: 'never' };
    await using a = await startWorker(400, never);
    await using b = await startWorker(400, never);
    const id = await ask();
    const [first, second] = await whoBuilds(id, [a, b]);
    await first.kill9();
    expect(await ended(id)).toMatchObject({ status: 'lost' });
    const entries = await entriesOf(id);
    expect(linesOf(entries, second)).toEqual([]);
    expect(eventsOf(entries)).toEqual(['lost', 'build-finished']);
    expect(await ended(await ask())).toMatchObject({ status: 'succeeded' });
  }, 90_000);
});

describe('A build whose worker stands still', () => {
  it('is written by one worker at a time: what the first one wakes up with is refused', async () => {
    await using a = await startWorker(1_500);
    await using b = await startWorker(1_500);
    const id = await ask();
    const [first, second] = await whoBuilds(id, [a, b]);
    first.signal('SIGSTOP');
    await eventually(async () => linesOf(await entriesOf(id), second).length > 50, PATIENT);
    first.signal('SIGCONT');
    expect(await ended(id)).toMatchObject({ status: 'succeeded' });
    const entries = await entriesOf(id);
    expect(linesOf(entries, second)).toEqual(upTo(1_500));
    const taken = entries.findIndex(({ message }) => message.startsWith(`${second.pid} `));
    expect(entries.slice(taken).filter(({ message }) => message.startsWith(`${first.pid} `))).toEqual([]);
    // It has lost this one job only.
    await second.kill9();
    expect(await ended(await ask())).toMatchObject({ status: 'succeeded' });
  }, 120_000);
});

describe('A worker that is told to end', () => {
  it('gives its build to another, which begins anew', async () => {
    await using a = await startWorker(400);
    await using b = await startWorker(400);
    const id = await ask();
    const [first, second] = await whoBuilds(id, [a, b]);
    first.signal('SIGTERM');
    expect(await first.exit()).toBe(0);
    expect(await ended(id)).toMatchObject({ status: 'succeeded' });
    expect(linesOf(await entriesOf(id), second)).toEqual(upTo(400));
  }, 60_000);
});

describe('A build with secrets', () => {
  it('has them masked in its log, and nothing of them is in Redis', async () => {
    await using worker = await startWorker(3);
    const id = await ask({ TOKEN: 'tell-nobody-of-it' });
    expect(await ended(id)).toMatchObject({ status: 'succeeded' });
    expect((await entriesOf(id)).map(({ message }) => message)).toContain(`${worker.pid} 1 ***`);
    expect(worker.stderr).not.toContain('tell-nobody');
    for (const key of (await redis.cli('keys', '*')).split('\n'))
      expect(await redis.cli('dump', key)).not.toContain('tell-nobody');
  }, 30_000);

  it('fails where the worker has another key, and says which setting both need', async () => {
    await using _worker = await startWorker(3, { KUBIDU_SECRETS_KEY: `another ${KEY}` });
    const id = await ask({ TOKEN: 'tell-nobody-of-it' });
    expect(await ended(id)).toMatchObject({ status: 'failed' });
    const messages = (await entriesOf(id)).map(({ message }) => message).join('\n');
    expect(messages).toContain('KUBIDU_SECRETS_KEY');
  }, 30_000);
});
