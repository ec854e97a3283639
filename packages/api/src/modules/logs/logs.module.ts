import { Module } from '@nestjs/common';
import { kindOf } from '@kubidu/contracts';
import { Tails } from '@kubidu/core';
import type { Logger } from 'pino';

import { LOGGER } from '../logging/logger.ts';
import { Metrics } from '../ops/metrics.ts';
import { Deliveries } from './delivery/deliveries.ts';
import { LogsController } from './logs.controller.ts';
import { LogsGateway } from './logs.gateway.ts';
import { LogsService } from './logs.service.ts';
import { SearchController } from './search/search.controller.ts';
import { SearchService } from './search/search.service.ts';
import { SearchSlots } from './search/search-slots.ts';
import { ServicesController } from './services.controller.ts';
import { ServicesService } from './services.service.ts';
import { StreamsController } from './streams.controller.ts';

@Module({
  controllers: [LogsController, SearchController, StreamsController, ServicesController],
  providers: [
    LogsService,
    ServicesService,
    LogsGateway,
    SearchService,
    SearchSlots,
    {
      provide: Deliveries,
      inject: [Tails, Metrics, LOGGER],
      useFactory: (tails: Tails, metrics: Metrics, logger: Logger) =>
        new Deliveries(tails, {
          delivered: (lines) => metrics.delivered(lines),
          scanned: (lines) => metrics.scanned(lines),
          lagged: (ms) => metrics.deliveryLag(ms),
          subscribers: (stream, change) => metrics.subscribers(kindOf(stream), change),
          catchingUp: (change) => metrics.catchingUp(change),
          failed: (stream, error) => logger.error({ err: error, stream }, 'a subscription met a defect'),
        }),
    },
  ],
})
export class LogsModule {}
