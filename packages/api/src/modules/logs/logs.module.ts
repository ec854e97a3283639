import { Module } from '@nestjs/common';

import { LogsController } from './logs.controller.ts';
import { LogsService } from './logs.service.ts';
import { ServicesController } from './services.controller.ts';
import { ServicesService } from './services.service.ts';
import { StreamsController } from './streams.controller.ts';

@Module({
  controllers: [LogsController, StreamsController, ServicesController],
  providers: [LogsService, ServicesService],
})
export class LogsModule {}
