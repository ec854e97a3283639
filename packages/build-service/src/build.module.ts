import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';

import { BuildService } from './services/build.service.ts';
import { BuildWorker } from './worker/build-worker.ts';
import { buildServiceOptions } from './worker/build-service-options.ts';
import type { BuildResources } from './worker/build-service-options.ts';

/** Builds, for a worker of its own and for a server that builds by itself: takes jobs from its start to its end. */
@Module({})
export class BuildModule {
  /** What is given stays its owner's, and is closed after the application. */
  static of(resources: BuildResources): DynamicModule {
    const { settings, queue, uploads, logger } = resources;
    return {
      module: BuildModule,
      providers: [
        { provide: BuildService, useFactory: () => new BuildService(buildServiceOptions(resources)) },
        {
          provide: BuildWorker,
          inject: [BuildService],
          useFactory: (builds: BuildService) =>
            new BuildWorker({
              queue,
              builds,
              uploads,
              concurrency: settings.KUBIDU_BUILD_CONCURRENCY,
              retry: settings.KUBIDU_BUILD_RETRY === 'once',
              onDefect: (deploymentId, error) => logger.error({ err: error, deploymentId }, 'a build met a defect'),
            }),
        },
      ],
      exports: [BuildWorker],
    };
  }
}
