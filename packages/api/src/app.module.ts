import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { Tails } from '@kubidu/core';
import type { Deployments, Leases, LogArchive, LogStore, ServiceOwners } from '@kubidu/core';
import type { Logger } from 'pino';

import { ArchiveModule } from './modules/archive/archive.module.ts';
import { AuthModule } from './modules/auth/auth.module.ts';
import { BuildsModule } from './modules/builds/builds.module.ts';
import { BUILD_DESK, OPEN_BUILDS } from './modules/builds/open-builds.ts';
import type { OpenBuilds } from './modules/builds/open-builds.ts';
import { CollectModule } from './modules/collect/collect.module.ts';
import { Sources } from './modules/collect/sources.ts';
import { CONFIG } from './modules/config/config.module.ts';
import type { Config } from './modules/config/config.ts';
import { DocsModule } from './modules/docs/docs.module.ts';
import { LimitsModule } from './modules/limits/limits.module.ts';
import { LOGGER } from './modules/logging/logger.ts';
import { LogsModule } from './modules/logs/logs.module.ts';
import { MaskModule } from './modules/mask/mask.module.ts';
import { OpsModule } from './modules/ops/ops.module.ts';
import {
  DEPLOYMENTS,
  HOT_STORE,
  LEASES,
  LOG_ARCHIVE,
  LOG_STORE,
  SERVICE_OWNERS,
} from './modules/store/store.module.ts';

/** What was opened before the application, and is closed after it, by createApi. */
export interface Resources {
  readonly config: Config;
  readonly logger: Logger;
  /** What the application reads and writes: the hot store together with its archive. */
  readonly store: LogStore;
  readonly hot: LogStore;
  readonly archive: LogArchive | undefined;
  readonly leases: Leases;
  readonly owners: ServiceOwners;
  readonly deployments: Deployments;
  readonly builds: OpenBuilds;
  readonly sources: Sources;
  readonly tails: Tails;
}

@Global()
@Module({})
class ResourcesModule {}

@Module({})
export class AppModule {
  static of(resources: Resources): DynamicModule {
    const providers = [
      { provide: CONFIG, useValue: resources.config },
      { provide: LOGGER, useValue: resources.logger },
      { provide: LOG_STORE, useValue: resources.store },
      { provide: HOT_STORE, useValue: resources.hot },
      { provide: LOG_ARCHIVE, useValue: resources.archive },
      { provide: LEASES, useValue: resources.leases },
      { provide: SERVICE_OWNERS, useValue: resources.owners },
      { provide: DEPLOYMENTS, useValue: resources.deployments },
      { provide: BUILD_DESK, useValue: resources.builds.desk },
      { provide: OPEN_BUILDS, useValue: resources.builds },
      { provide: Sources, useValue: resources.sources },
      { provide: Tails, useValue: resources.tails },
    ];
    const gateway = resources.config.KUBIDU_ROLES.includes('gateway') ? [LogsModule, BuildsModule, DocsModule] : [];
    return {
      module: AppModule,
      imports: [
        { module: ResourcesModule, providers, exports: providers },
        AuthModule,
        LimitsModule,
        OpsModule,
        MaskModule,
        CollectModule,
        ArchiveModule,
        ...gateway,
        ...(resources.builds.worker ? [resources.builds.worker] : []),
      ],
    };
  }
}
