import { Controller, Get, Param, Query } from '@nestjs/common';
import type { LogPage, ReadLogs, StreamId } from '@kubidu/contracts';

import { IdParam, PageQuery } from '../../http/parse.ts';
import type { ApiPrincipal } from '../auth/api-principal.ts';
import { CurrentPrincipal } from '../auth/current-principal.ts';
import { LogsService } from './logs.service.ts';

/** `GET …/logs` by kind: the same page as under /api/streams. */
@Controller('api')
export class LogsController {
  constructor(private readonly logs: LogsService) {}

  @Get('services/:id/logs')
  service(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('id', new IdParam('runtime')) stream: StreamId,
    @Query(PageQuery) query: ReadLogs,
  ): Promise<LogPage> {
    return this.logs.read(principal, stream, query);
  }

  @Get('deployments/:id/logs')
  deployment(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('id', new IdParam('build')) stream: StreamId,
    @Query(PageQuery) query: ReadLogs,
  ): Promise<LogPage> {
    return this.logs.read(principal, stream, query);
  }

  @Get('jobs/:id/logs')
  job(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('id', new IdParam('job')) stream: StreamId,
    @Query(PageQuery) query: ReadLogs,
  ): Promise<LogPage> {
    return this.logs.read(principal, stream, query);
  }

  @Get('bots/:id/logs')
  bot(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('id', new IdParam('bot')) stream: StreamId,
    @Query(PageQuery) query: ReadLogs,
  ): Promise<LogPage> {
    return this.logs.read(principal, stream, query);
  }
}
