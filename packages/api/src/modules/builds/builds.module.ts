import { Module } from '@nestjs/common';

import { DeploymentsController } from './deployments.controller.ts';
import { DeploymentsService } from './deployments.service.ts';
import { UploadsController } from './uploads.controller.ts';

/** Deployments over HTTP. What runs the builds lies behind the BuildDesk. */
@Module({
  controllers: [UploadsController, DeploymentsController],
  providers: [DeploymentsService],
})
export class BuildsModule {}
