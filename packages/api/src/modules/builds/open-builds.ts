import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { DynamicModule } from '@nestjs/common';
import type { BuildResources } from '@kubidu/build-service';
import { systemClock } from '@kubidu/core';
import type { AppendReport, BuildDesk, BuildQueue, BuildUploads } from '@kubidu/core';
import type { Logger } from 'pino';

import type { Config } from '../config/config.ts';
import type { OpenStore } from '../store/open-store.ts';
import { noDesk } from './no-desk.ts';

/** Injection token of the BuildDesk. */
export const BUILD_DESK = Symbol('BuildDesk');
/** Injection token of the {@link OpenBuilds}. */
export const OPEN_BUILDS = Symbol('OpenBuilds');

/** Where builds are asked for, and what runs them here. Whoever opened it disposes of it. */
export interface OpenBuilds extends AsyncDisposable {
  readonly desk: BuildDesk;
  /** Absent where builds have no place in this process. */
  readonly queue?: BuildQueue;
  /** Takes builds from the application's start to its end, where this process runs them. */
  readonly worker?: DynamicModule;
  /** Calls back with how many secrets were masked in what builds write. Must not throw. */
  onMasked(listener: (count: number) => void): void;
  /** Calls back after each append to a build's stream. Must not throw. */
  onAppend(listener: (report: AppendReport) => void): void;
}

/** A server that neither takes nor runs builds. @param desk a test's, else one that refuses all */
export function noBuilds(desk: BuildDesk = noDesk('it has neither of the roles gateway and builder')): OpenBuilds {
  return { desk, onMasked: () => undefined, onAppend: () => undefined, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/**
 * Opens what the configuration asks for: a desk for the role `gateway`, a worker for the role `builder`, on the queue of
 * Redis or on that of a folder. Redis may be away: the server starts, and asking for a build is UNAVAILABLE.
 * @throws {LogsError} UNAVAILABLE where the folders cannot be written
 */
export async function openBuilds(
  config: Config,
  { store, leases, deployments }: Pick<OpenStore, 'store' | 'leases' | 'deployments'>,
  logger: Logger,
): Promise<OpenBuilds> {
  const [takes, runs] = (['gateway', 'builder'] as const).map((role) => config.KUBIDU_ROLES.includes(role));
  if (!takes && !runs) return noBuilds();
  // Loaded when there are builds: it brings BullMQ.
  const { BuildModule, Desk, DockerBuilder, Orphans, Sealer, spoolFolderOf } = await import('@kubidu/build-service');
  const { queue, uploads, ...opened } = await openQueue(config);
  const maskings: ((count: number) => void)[] = [];
  const appends: ((report: AppendReport) => void)[] = [];
  const sealer = new Sealer(config);
  const builder = new DockerBuilder({ extraArguments: config.KUBIDU_BUILD_ARGUMENTS });
  const allowedRoots = allowedRootsOf(config);
  const resources: BuildResources = {
    ...{ settings: config, allowedRoots, store, leases, deployments, queue, uploads, sealer, builder, logger },
    onMasked: (count) => maskings.forEach((listener) => listener(count)),
    onAppend: (report) => appends.forEach((listener) => listener(report)),
  };
  const desk = new Desk({
    ...{ store, deployments, queue, uploads, sealer, allowedRoots, clock: systemClock, random: randomBytes },
    workersHere: config.KUBIDU_REDIS_URL === undefined,
    health: () => (runs ? builder.health() : healthOf(queue)),
  });
  const onDefect = (error: unknown) => logger.error({ err: error }, 'looking for lost builds failed; trying again');
  const orphans = takes && new Orphans({ store, deployments, queue, leases, clock: systemClock, onDefect });
  if (runs) await mkdir(spoolFolderOf(config), { recursive: true, mode: 0o700 });
  return {
    ...{ desk, queue },
    ...(runs && { worker: BuildModule.of(resources) }),
    onMasked: (listener) => maskings.push(listener),
    onAppend: (listener) => appends.push(listener),
    [Symbol.asyncDispose]: async () => {
      if (orphans) await orphans[Symbol.asyncDispose]();
      await opened[Symbol.asyncDispose]();
    },
  };
}

interface OpenQueue extends AsyncDisposable {
  readonly queue: BuildQueue;
  readonly uploads: BuildUploads;
}

async function openQueue(config: Config): Promise<OpenQueue> {
  const { KUBIDU_DATA_DIR: dataDir, KUBIDU_UPLOAD_BYTES: maxBytes } = config;
  const builds = await import('@kubidu/build-service');
  // Where the streams are is where the workers look: a queue of its own makes no second installation.
  const url = config.KUBIDU_REDIS_URL && (config.KUBIDU_QUEUE_REDIS_URL ?? config.KUBIDU_REDIS_URL);
  if (url === undefined) {
    const queue = await builds.DiskBuildQueue.open(join(dataDir, 'builds'));
    const uploads = await builds.DiskBuildUploads.open({ path: join(dataDir, 'uploads'), maxBytes });
    return { queue, uploads, [Symbol.asyncDispose]: () => queue[Symbol.asyncDispose]() };
  }
  const { Connection } = await import('@kubidu/store-redis');
  const connection = new Connection(url);
  await connection.open();
  const queue = await builds.BullBuildQueue.open(url);
  const close = async () => {
    await queue[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
  };
  return { queue, uploads: new builds.RedisBuildUploads(connection, maxBytes), [Symbol.asyncDispose]: close };
}

/** Whoever reaches a server without authentication sits at this machine, and may build what it holds. */
function allowedRootsOf({ KUBIDU_BUILD_PATHS, embedded, authentication }: Config): readonly string[] {
  return KUBIDU_BUILD_PATHS ?? (embedded && !authentication ? ['/'] : []);
}

async function healthOf(queue: BuildQueue): Promise<{ readonly ok: boolean; readonly detail?: string }> {
  try {
    await queue.depth();
    return { ok: true };
  } catch {
    return { ok: false, detail: 'the build queue is away' };
  }
}
