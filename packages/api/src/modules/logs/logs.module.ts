import { Module } from '@nestjs/common';
import { kindOf } from '@kubidu/contracts';
import { systemClock, Tails } from '@kubidu/core';
import type { Logger } from 'pino';

import { Access } from '../auth/access.ts';
import { Collector } from '../collect/collector.ts';
import { LOGGER } from '../logging/logger.ts';
import { Metrics } from '../ops/metrics.ts';
import { Deliveries } from './delivery/deliveries.ts';
import { DownloadController } from './download/download.controller.ts';
import { DownloadService } from './download/download.service.ts';
import { DownloadSlots } from './download/download-slots.ts';
import { EventStreamsController } from './event-streams.controller.ts';
import { EventStreams } from './event-streams.ts';
import { HistogramController } from './histogram/histogram.controller.ts';
import { HistogramService } from './histogram/histogram.service.ts';
import { HistogramSlots } from './histogram/histogram-slots.ts';
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
  controllers: [
    LogsController,
    SearchController,
    HistogramController,
    StreamsController,
    ServicesController,
    EventStreamsController,
    DownloadController,
  ],
  providers: [
    LogsService,
    ServicesService,
    LogsGateway,
    DownloadService,
    DownloadSlots,
    SearchService,
    SearchSlots,
    HistogramService,
    HistogramSlots,
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
    {
      provide: EventStreams,
      inject: [Deliveries, Access, Collector, LOGGER],
      useFactory: (deliveries: Deliveries, access: Access, collector: Collector, logger: Logger) =>
        new EventStreams({
          ...{ deliveries, access, logger, clock: systemClock },
          want: (stream) => collector.want(stream),
        }),
    },
  ],
})
export class LogsModule {}
