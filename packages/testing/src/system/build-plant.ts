import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Deployment, LogEntry, LogPage } from '@kubidu/contracts';

import { BuildReader } from '../build-reader.ts';
import { eventually } from '../eventually.ts';
import { RawHttp } from '../protocol/raw-http.ts';
import { RealDocker } from '../real-docker.ts';
import { RealRedis } from '../real-redis.ts';
import { RunningApi } from '../running-api.ts';
import { RunningCli } from '../running-cli.ts';
import { RunningWorker } from '../running-worker.ts';

/** How a plant is made. */
export interface BuildPlantOptions {
  /** Default 1. */
  readonly workers?: number;
  /** Settings of the server and of the workers. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Uncompressed and kept, so that what was written to it can be looked for in its files. */
const REDIS = { appendOnly: true, settings: ['--rdbcompression', 'no'] };

/**
 * What builds run on where there are several machines: a server that builds nothing, workers, a Redis for streams and one
 * for the queue, and a Docker engine. Each is a process of its own. Whoever starts it disposes of it.
 */
export class BuildPlant implements AsyncDisposable {
  /** One that no other plant builds, even on the same engine. */
  readonly serviceId = `web-${randomBytes(4).toString('hex')}`;
  readonly api: RunningApi;
  readonly workers: readonly RunningWorker[];
  readonly streams: RealRedis;
  readonly queue: RealRedis;
  readonly http: RawHttp;
  /** Holds the folders that were built, and the server's temporary files in `tmp`. */
  readonly folder: string;
  readonly #stack: AsyncDisposable[];

  private constructor(of: Parts, stack: AsyncDisposable[]) {
    this.api = of.api;
    this.workers = of.workers;
    this.streams = of.streams;
    this.queue = of.queue;
    this.folder = of.folder;
    this.http = new RawHttp(of.api.url);
    this.#stack = stack;
  }

  static async start(options: BuildPlantOptions = {}): Promise<BuildPlant> {
    const stack: AsyncDisposable[] = [];
    try {
      return new BuildPlant(await start(options, stack), stack);
    } catch (error) {
      await disposeOf(stack);
      throw error;
    }
  }

  /** A folder to build. Steps that run `FROM kubidu.test/busybox:1` need no network to pull it. */
  async context(dockerfile: readonly string[], files: Readonly<Record<string, string>> = {}): Promise<string> {
    const folder = await mkdtemp(join(this.folder, 'context-'));
    for (const [name, text] of Object.entries({ ...files, Dockerfile: `${dockerfile.join('\n')}\n` }))
      await writeFile(join(folder, name), text);
    return folder;
  }

  /** `kubidu deploy` of a folder, every step anew. @param env what its flags `--secret` read */
  deploy(
    folder: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<RunningCli> {
    const all = ['deploy', folder, '--service', this.serviceId, '--no-cache', ...args];
    return RunningCli.start(all, { env: { KUBIDU_SERVER: this.api.url, ...env } });
  }

  /** The id of what a `kubidu deploy` has queued. */
  async queuedBy(cli: RunningCli): Promise<string> {
    const said = () => /deployment (\S+) of \S+ is queued/.exec(cli.stderr)?.[1] ?? (!cli.process.running && 'none');
    const id = await eventually(said, { timeoutMs: 20_000 });
    if (id === 'none') throw new Error(`kubidu deploy queued nothing:\n${cli.stderr}`);
    return id;
  }

  /** Reads the log of a build as it comes, until the plant is disposed of. */
  async reader(id: string): Promise<BuildReader> {
    const reader = await BuildReader.open(this.api.url, id);
    this.#stack.push(reader);
    return reader;
  }

  deployment(id: string): Promise<Deployment> {
    return this.http.get(`/api/deployments/${id}`);
  }

  /** Resolves with the record of a build that has ended. */
  ended(id: string, timeoutMs = 60_000): Promise<Deployment> {
    const look = async () => {
      const deployment = await this.deployment(id);
      return deployment.endedAt !== undefined && deployment;
    };
    return eventually(look, { timeoutMs, everyMs: 100 });
  }

  /** The whole log of a build, by pages. */
  async log(id: string): Promise<LogEntry[]> {
    const entries: LogEntry[] = [];
    for (let after = 0; ;) {
      const page = await this.http.get<LogPage>(`/api/deployments/${id}/logs?after=${after}&limit=10000`);
      entries.push(...page.entries);
      if (page.next === undefined) return entries;
      after = page.next;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await disposeOf(this.#stack);
    await using docker = RealDocker.open();
    const built = await docker.docker('image', 'ls', '--quiet', '--filter', `reference=kubidu/${this.serviceId}:*`);
    const images = [...new Set(built.split('\n').filter((id) => id !== ''))];
    if (images.length > 0) await docker.docker('image', 'rm', '--force', ...images);
  }
}

type Parts = Pick<BuildPlant, 'api' | 'workers' | 'streams' | 'queue' | 'folder'>;

async function start({ workers: count = 1, env = {} }: BuildPlantOptions, stack: AsyncDisposable[]): Promise<Parts> {
  const keep = <T extends AsyncDisposable>(resource: T): T => (stack.push(resource), resource);
  const folder = await mkdtemp(join(tmpdir(), 'kubidu-plant-'));
  keep({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) });
  await mkdir(join(folder, 'tmp'));
  const streams = keep(await RealRedis.start(REDIS));
  const queue = keep(
    await RealRedis.start({ ...REDIS, settings: [...REDIS.settings, '--maxmemory-policy', 'noeviction'] }),
  );
  const shared = {
    KUBIDU_REDIS_URL: streams.url,
    KUBIDU_QUEUE_REDIS_URL: queue.url,
    KUBIDU_SECRETS_KEY: randomBytes(24).toString('hex'),
    ...env,
  };
  const { env: docker } = RealDocker.open();
  const workers: RunningWorker[] = [];
  for (let n = 0; n < count; n++)
    workers.push(keep(await RunningWorker.start({ ...shared, ...docker, KUBIDU_BUILD_ARGUMENTS: '--network host' })));
  const own = { KUBIDU_ROLES: 'gateway', TMPDIR: join(folder, 'tmp') };
  return { folder, streams, queue, workers, api: keep(await RunningApi.start({ env: { ...shared, ...own } })) };
}

/** The last one first, all of them. */
async function disposeOf(stack: AsyncDisposable[]): Promise<void> {
  for (const resource of stack.splice(0).reverse()) await resource[Symbol.asyncDispose]();
}
