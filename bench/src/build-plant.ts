import path from 'node:path';

import { hasEnded } from '@kubidu/core';
import { openRedisStore } from '@kubidu/store-redis';
import type { RedisStore } from '@kubidu/store-redis';
import { eventually, RealRedis, SpawnedProcess } from '@kubidu/testing';
import type { RealDocker } from '@kubidu/testing';

import type { BuildFigures } from './build-by-hand.ts';
import { ArrivedLines, numberOf } from './paced-build.ts';
import type { PacedBuild } from './paced-build.ts';
import { costOf, startApi } from './processes.ts';
import type { RunningServer } from './processes.ts';
import { Quantiles } from './quantiles.ts';

const WORKER = path.resolve(import.meta.dirname, '../../packages/build-service/dist/main.js');
const SERVICE = 'bench';
const PATIENT = { timeoutMs: 120_000, everyMs: 50 };
const PAGE = 10_000;

/** What builds with us: Redis, a server that takes builds, a worker that runs them. Whoever starts it disposes of it. */
export class BuildPlant implements AsyncDisposable {
  readonly #docker: RealDocker;
  readonly #redis: RealRedis;
  readonly #store: RedisStore;
  readonly #api: RunningServer;
  readonly #worker: SpawnedProcess;

  private constructor(docker: RealDocker, redis: RealRedis, store: RedisStore, api: RunningServer, dataDir: string) {
    this.#docker = docker;
    this.#redis = redis;
    this.#store = store;
    this.#api = api;
    const env = { KUBIDU_DATA_DIR: dataDir, KUBIDU_BUILD_ARGUMENTS: '--network host', ...docker.env };
    this.#worker = new SpawnedProcess(WORKER, [], { env: { ...env, ...settings(redis, dataDir) } });
  }

  /** @param folder below which what is built lies; the worker keeps its spool there */
  static async start(docker: RealDocker, folder: string): Promise<BuildPlant> {
    const redis = await RealRedis.start();
    const api = await startApi(settings(redis, folder));
    const plant = new BuildPlant(docker, redis, await openRedisStore({ url: redis.url }), api, folder);
    await eventually(() => plant.#worker.stdout.includes('builds are taken'), PATIENT);
    return plant;
  }

  /**
   * Has it built, and waits until everything is stored.
   * @param lag takes how long after it was written each line was stored, in milliseconds; who asks for it reads along
   */
  async build({ folder }: PacedBuild, lag?: Quantiles): Promise<BuildFigures> {
    const before = this.#cpuS();
    const id = await this.#request(folder);
    await using _watch = lag && (await this.#watch(id, lag));
    const {
      startedAt = '',
      endedAt = '',
      status,
    } = await eventually(async () => {
      const record = await this.#store.deployments.get(id);
      return record !== undefined && hasEnded(record) && record;
    }, PATIENT);
    const cpuS = this.#cpuS() - before;
    if (status !== 'succeeded') throw new Error(`the build ${status}: ${this.#worker.stderr}`);
    const { beganMs, missing } = await this.#arrived(id);
    await this.#docker.docker('image', 'rm', '--force', `kubidu/${SERVICE}:${id}`);
    // The record says so last, once the stream has ended.
    const endedMs = Date.parse(endedAt);
    return {
      seconds: (endedMs - beganMs) / 1_000,
      wholeSeconds: (endedMs - Date.parse(startedAt)) / 1_000,
      cpuS,
      missing,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker[Symbol.asyncDispose]();
    await this.#api[Symbol.asyncDispose]();
    await this.#store[Symbol.asyncDispose]();
    await this.#redis[Symbol.asyncDispose]();
  }

  /** Of the worker, and of the clients that it has run. */
  #cpuS(): number {
    const { cpuS, childrenCpuS } = costOf(this.#worker);
    return cpuS + childrenCpuS;
  }

  async #request(folder: string): Promise<string> {
    const answer = await fetch(`${this.#api.url}/api/deployments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ serviceId: SERVICE, source: { path: folder }, noCache: true }),
    });
    if (!answer.ok) throw new Error(`the build was refused: ${await answer.text()}`);
    return ((await answer.json()) as { deploymentId: string }).deploymentId;
  }

  #watch(id: string, lag: Quantiles): Promise<AsyncDisposable> {
    return this.#store.store.watch(`build:${id}`, ({ batch }) => {
      const now = Date.now();
      for (const { timestamp, message } of batch?.entries() ?? [])
        if (numberOf(message) !== undefined) lag.add(now - Date.parse(timestamp));
    });
  }

  async #arrived(id: string): Promise<ArrivedLines> {
    const arrived = new ArrivedLines();
    for (let after = 0; ;) {
      const { batches, lastIndex } = await this.#store.store.read(`build:${id}`, { after, limit: PAGE });
      for (const batch of batches) for (const { message } of batch.entries()) arrived.take(message);
      after = batches.at(-1)?.last ?? lastIndex;
      if (after >= lastIndex) return arrived;
    }
  }
}

function settings(redis: RealRedis, folder: string): Record<string, string> {
  return { KUBIDU_REDIS_URL: redis.url, KUBIDU_BUILD_PATHS: folder };
}
