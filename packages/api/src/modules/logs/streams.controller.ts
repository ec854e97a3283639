import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { EndStream, Ingest, LIMITS, ListStreams } from '@kubidu/contracts';
import type { Ingested, LogPage, ReadLogs, StreamId, StreamInfo, StreamPage } from '@kubidu/contracts';
import { LogsError } from '@kubidu/core';

import { PageQuery, Parsed, StreamParam, parse } from '../../http/parse.ts';
import type { ApiPrincipal } from '../auth/api-principal.ts';
import { CurrentPrincipal } from '../auth/current-principal.ts';
import { LogsService } from './logs.service.ts';

@Controller('api/streams')
export class StreamsController {
  constructor(private readonly logs: LogsService) {}

  @Get()
  list(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Query(new Parsed(ListStreams)) query: ListStreams,
  ): Promise<StreamPage> {
    return this.logs.streams(principal, query);
  }

  @Get(':stream')
  one(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('stream', StreamParam) stream: StreamId,
  ): Promise<StreamInfo> {
    return this.logs.stream(principal, stream);
  }

  @Get(':stream/logs')
  read(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('stream', StreamParam) stream: StreamId,
    @Query(PageQuery) query: ReadLogs,
  ): Promise<LogPage> {
    return this.logs.read(principal, stream, query);
  }

  @Post(':stream/entries')
  @HttpCode(200)
  ingest(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('stream', StreamParam) stream: StreamId,
    @Body() body: unknown,
  ): Promise<Ingested> {
    if (countOf(body) > LIMITS.ingestEntries)
      throw new LogsError('PAYLOAD_TOO_LARGE', `more than ${LIMITS.ingestEntries} entries at once`);
    return this.logs.ingest(principal, stream, parse(Ingest, body));
  }

  @Post(':stream/end')
  @HttpCode(200)
  end(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('stream', StreamParam) stream: StreamId,
    @Body(new Parsed(EndStream)) outcome: EndStream,
  ): Promise<object> {
    return this.logs.end(principal, stream, outcome);
  }
}

function countOf(body: unknown): number {
  const entries: unknown = typeof body === 'object' && body !== null && 'entries' in body ? body.entries : undefined;
  return Array.isArray(entries) ? entries.length : 0;
}
