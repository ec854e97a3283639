import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Ended, EndStream, Ingested, ListStreams, LogPage, StreamInfo, StreamPage } from '@kubidu/contracts';
import type { Ingest, ReadLogs, StreamId } from '@kubidu/contracts';

import { Described } from '../../http/described.ts';
import { IngestBody, PageQuery, Parsed, StreamParam } from '../../http/parse.ts';
import type { ApiPrincipal } from '../auth/api-principal.ts';
import { CurrentPrincipal } from '../auth/current-principal.ts';
import { LogsService } from './logs.service.ts';

@Controller('api/streams')
export class StreamsController {
  constructor(private readonly logs: LogsService) {}

  @Get()
  @Described({ summary: 'The streams one may read, by name', answer: StreamPage, errors: ['FORBIDDEN'] })
  list(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Query(new Parsed(ListStreams)) query: ListStreams,
  ): Promise<StreamPage> {
    return this.logs.streams(principal, query);
  }

  @Get(':stream')
  @Described({ summary: 'One stream', answer: StreamInfo })
  one(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('stream', StreamParam) stream: StreamId,
  ): Promise<StreamInfo> {
    return this.logs.stream(principal, stream);
  }

  @Get(':stream/logs')
  @Described({ summary: 'A page of a stream, ascending', answer: LogPage })
  read(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('stream', StreamParam) stream: StreamId,
    @Query(PageQuery) query: ReadLogs,
  ): Promise<LogPage> {
    return this.logs.read(principal, stream, query);
  }

  @Post(':stream/entries')
  @HttpCode(200)
  @Described({
    summary: 'Store entries, each id once',
    details: 'Sending the same again is harmless. At most 1,000 entries or 1 MiB at once.',
    answer: Ingested,
    errors: ['FORBIDDEN', 'CONFLICT', 'PAYLOAD_TOO_LARGE'],
  })
  ingest(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('stream', StreamParam) stream: StreamId,
    @Body(IngestBody) body: Ingest,
  ): Promise<Ingested> {
    return this.logs.ingest(principal, stream, body);
  }

  @Post(':stream/end')
  @HttpCode(200)
  @Described({
    summary: 'End a stream; nothing can be stored in it afterwards',
    details: 'The first outcome stands: the same again is harmless, another one a conflict.',
    answer: Ended,
    errors: ['FORBIDDEN', 'CONFLICT'],
  })
  end(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('stream', StreamParam) stream: StreamId,
    @Body(new Parsed(EndStream)) outcome: EndStream,
  ): Promise<Ended> {
    return this.logs.end(principal, stream, outcome);
  }
}
