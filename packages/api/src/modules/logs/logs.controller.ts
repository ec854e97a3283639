import { Controller, Get, Param, Query } from '@nestjs/common';
import { LogPage } from '@kubidu/contracts';
import type { ReadLogs, StreamId } from '@kubidu/contracts';

import { Described } from '../../http/described.ts';
import { IdParam, PageQuery } from '../../http/parse.ts';
import type { ApiPrincipal } from '../auth/api-principal.ts';
import { CurrentPrincipal } from '../auth/current-principal.ts';
import { LogsService } from './logs.service.ts';

/** `GET …/logs` by kind: the same page as under /api/streams. */
@Controller('api')
export class LogsController {
  constructor(private readonly logs: LogsService) {}

  @Get('services/:id/logs')
  @Described({ summary: 'A page of the log of a service', answer: LogPage })
  service(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('id', new IdParam('runtime')) stream: StreamId,
    @Query(PageQuery) query: ReadLogs,
  ): Promise<LogPage> {
    return this.logs.read(principal, stream, query);
  }

  @Get('deployments/:id/logs')
  @Described({ summary: 'A page of the log of a deployment', answer: LogPage })
  deployment(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('id', new IdParam('build')) stream: StreamId,
    @Query(PageQuery) query: ReadLogs,
  ): Promise<LogPage> {
    return this.logs.read(principal, stream, query);
  }

  @Get('jobs/:id/logs')
  @Described({ summary: 'A page of the log of a job', answer: LogPage })
  job(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('id', new IdParam('job')) stream: StreamId,
    @Query(PageQuery) query: ReadLogs,
  ): Promise<LogPage> {
    return this.logs.read(principal, stream, query);
  }

  @Get('bots/:id/logs')
  @Described({ summary: 'A page of the log of a bot', answer: LogPage })
  bot(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('id', new IdParam('bot')) stream: StreamId,
    @Query(PageQuery) query: ReadLogs,
  ): Promise<LogPage> {
    return this.logs.read(principal, stream, query);
  }
}
