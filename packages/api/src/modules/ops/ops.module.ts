import { Global, Module } from '@nestjs/common';

import { BuildState } from './build-state.ts';
import { Metrics } from './metrics.ts';
import { OpsController } from './ops.controller.ts';
import { Readiness } from './readiness.ts';

@Global()
@Module({ controllers: [OpsController], providers: [Metrics, Readiness, BuildState], exports: [Metrics, Readiness] })
export class OpsModule {}
