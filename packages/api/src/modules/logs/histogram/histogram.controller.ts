import { Controller, Get, Param, Query } from '@nestjs/common';
import { CountLogs, LogHistogram } from '@kubidu/contracts';
import type { StreamId } from '@kubidu/contracts';

import { Described } from '../../../http/described.ts';
import { Parsed, StreamParam } from '../../../http/parse.ts';
import type { ApiPrincipal } from '../../auth/api-principal.ts';
import { CurrentPrincipal } from '../../auth/current-principal.ts';
import { HistogramService } from './histogram.service.ts';

/** `GET …/logs/histogram`: how many lines of which level were written when. */
@Controller('api/streams')
export class HistogramController {
  constructor(private readonly histograms: HistogramService) {}

  @Get(':stream/logs/histogram')
  @Described({
    summary: 'Levels of a stream over time',
    details:
      'Counts backwards from the end. What is archived costs little; of what is hot at most 200,000 entries are looked at, for a second: where `complete` is false, ask again `before` what `scannedTo` says.',
    answer: LogHistogram,
  })
  read(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('stream', StreamParam) stream: StreamId,
    @Query(new Parsed(CountLogs)) query: CountLogs,
  ): Promise<LogHistogram> {
    return this.histograms.count(principal, stream, query);
  }
}
