import 'reflect-metadata';

import { mkdir } from 'node:fs/promises';

import { LogsError, hotCap } from '@kubidu/core';
import { Connection, openRedisStore } from '@kubidu/store-redis';
import { NestFactory } from '@nestjs/core';
import { pino } from 'pino';
import type { Logger } from 'pino';

import { BuildModule } from './build.module.ts';
import { ConfigError } from './config/settings.ts';
import { loadWorkerConfig } from './config/worker-config.ts';
import type { WorkerConfig } from './config/worker-config.ts';
import { DockerBuilder } from './docker/docker-builder.ts';
import { BullBuildQueue } from './queue/bull-build-queue.ts';
import { Sealer } from './secrets/sealer.ts';
import { RedisBuildUploads } from './uploads/redis-build-uploads.ts';
import { spoolFolderOf } from './worker/build-service-options.ts';

/** What is not given back by then is taken by another worker as that of a dead one. */
const DRAIN_MS = 20_000;

function load(): WorkerConfig | undefined {
  try {
    return loadWorkerConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`The configuration has mistakes:\n${error.mistakes.map((one) => `  ${one}\n`).join('')}`);
    return undefined;
  }
}

/** Starts a worker; resolves once it takes builds, with what ends it. */
async function start(settings: WorkerConfig, logger: Logger): Promise<() => Promise<void>> {
  await mkdir(spoolFolderOf(settings), { recursive: true, mode: 0o700 });
  const queueUrl = settings.KUBIDU_QUEUE_REDIS_URL ?? settings.KUBIDU_REDIS_URL;
  const redis = await openRedisStore({
    url: settings.KUBIDU_REDIS_URL,
    // Whether there is an archive is known to the servers: this one must not trim what they have not archived.
    maxBytesPerStream: hotCap(settings.KUBIDU_HOT_BYTES),
  });
  const { store, leases, deployments } = redis;
  const connection = new Connection(queueUrl);
  await connection.open();
  const queue = await BullBuildQueue.open(queueUrl);
  const builder = new DockerBuilder({ extraArguments: settings.KUBIDU_BUILD_ARGUMENTS });
  const app = await NestFactory.createApplicationContext(
    BuildModule.of({
      ...{ settings, store, leases, deployments, queue, builder, logger },
      allowedRoots: settings.KUBIDU_BUILD_PATHS ?? [],
      uploads: new RedisBuildUploads(connection, settings.KUBIDU_UPLOAD_BYTES),
      sealer: new Sealer(settings),
    }),
    { logger: false, abortOnError: false },
  );
  const { ok, detail } = await builder.health();
  if (!ok) logger.warn(detail ?? 'the Docker engine does not answer');
  return async () => {
    await app.close();
    await queue[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  };
}

/** Ends the process when it is told to: running builds are given back. Told twice, at once. */
function endOnSignals(close: () => Promise<void>): void {
  let draining = false;
  const end = (signal: NodeJS.Signals) => {
    if (draining) process.exit(signal === 'SIGINT' ? 130 : 143);
    draining = true;
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
}

async function main(): Promise<void> {
  const settings = load();
  if (!settings) {
    process.exitCode = 2;
    return;
  }
  const logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, process.stderr);
  try {
    endOnSignals(await start(settings, logger));
    process.stdout.write('Kubidu Logs: builds are taken\n');
  } catch (error) {
    const known = error instanceof LogsError && error.code !== 'INTERNAL';
    const reason = known
      ? error.body().message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
    process.stderr.write(`The build worker could not start: ${reason}\n`);
    process.exit(1);
  }
}

await main();
