import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { SearchLogs } from '@kubidu/contracts';
import type { StreamId } from '@kubidu/contracts';
import type { Response } from 'express';

import { Described } from '../../../http/described.ts';
import { IdParam, Parsed, StreamParam } from '../../../http/parse.ts';
import type { ApiPrincipal } from '../../auth/api-principal.ts';
import { CurrentPrincipal } from '../../auth/current-principal.ts';
import { SearchService } from './search.service.ts';

const SEARCH = new Parsed(SearchLogs);
const describe = (what: string): MethodDecorator =>
  Described({
    summary: `Search ${what}, newest first, answered while it runs`,
    details: 'Each line is a match, how far the search is, or, the last one, why it is over.',
    answer: { types: ['application/x-ndjson'], description: 'Lines of JSON: `match`, `progress` and at last `done`.' },
    errors: ['RATE_LIMITED'],
  });

/** `GET …/logs/search`: what a query selects, newest first, while it is looked for. */
@Controller('api')
export class SearchController {
  constructor(private readonly searches: SearchService) {}

  @Get('streams/:stream/logs/search')
  @describe('a stream')
  stream(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('stream', StreamParam) stream: StreamId,
    @Query(SEARCH) query: SearchLogs,
    @Res() response: Response,
  ): Promise<void> {
    return this.searches.answer(principal, stream, query, response);
  }

  @Get('services/:id/logs/search')
  @describe('the stream of a service')
  service(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('id', new IdParam('runtime')) stream: StreamId,
    @Query(SEARCH) query: SearchLogs,
    @Res() response: Response,
  ): Promise<void> {
    return this.searches.answer(principal, stream, query, response);
  }

  @Get('deployments/:id/logs/search')
  @describe('the log of a build')
  deployment(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('id', new IdParam('build')) stream: StreamId,
    @Query(SEARCH) query: SearchLogs,
    @Res() response: Response,
  ): Promise<void> {
    return this.searches.answer(principal, stream, query, response);
  }

  @Get('jobs/:id/logs/search')
  @describe('the stream of a job')
  job(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('id', new IdParam('job')) stream: StreamId,
    @Query(SEARCH) query: SearchLogs,
    @Res() response: Response,
  ): Promise<void> {
    return this.searches.answer(principal, stream, query, response);
  }

  @Get('bots/:id/logs/search')
  @describe('the stream of a bot')
  bot(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('id', new IdParam('bot')) stream: StreamId,
    @Query(SEARCH) query: SearchLogs,
    @Res() response: Response,
  ): Promise<void> {
    return this.searches.answer(principal, stream, query, response);
  }
}
