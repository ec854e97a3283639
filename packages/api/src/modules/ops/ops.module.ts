import { Global, Module } from '@nestjs/common';

import { ArchiveState } from './archive-state.ts';
import { BuildState } from './build-state.ts';
import { Metrics } from './metrics.ts';
import { OpsController } from './ops.controller.ts';
import { Readiness } from './readiness.ts';

@Global()
@Module({
  controllers: [OpsController],
  providers: [Metrics, Readiness, BuildState, ArchiveState],
  exports: [Metrics, Readiness],
})
export class OpsModule {}
