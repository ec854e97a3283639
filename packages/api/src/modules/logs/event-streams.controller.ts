import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { StreamJob, StreamLogs } from '@kubidu/contracts';
import type { StreamId } from '@kubidu/contracts';
import type { Request, Response } from 'express';

import { Described } from '../../http/described.ts';
import { IdParam, Parsed, StreamParam } from '../../http/parse.ts';
import { principalOf } from '../auth/authenticate-request.ts';
import { EventStreams } from './event-streams.ts';

const Wanted = () => Query(new Parsed(StreamLogs));

const described = (what: string, description = 'Events `log`, `gap` and `end`; `id` is the index to resume from.') =>
  Described({
    summary: `The log of ${what} as it goes on`,
    details:
      'Server-Sent Events: begins with the newest `lines`, or behind `sinceIndex`, or behind `Last-Event-ID`, which a ' +
      "browser sends by itself. 204 is for whoever has been told of the stream's end.",
    answer: { types: ['text/event-stream'], description },
    errors: ['NOT_FOUND'],
  });

/** `GET …/logs/stream`: streams as they go on, as Server-Sent Events. */
@Controller('api')
export class EventStreamsController {
  constructor(private readonly streams: EventStreams) {}

  @Get('streams/:stream/logs/stream')
  @described('a stream')
  stream(
    @Param('stream', StreamParam) stream: StreamId,
    @Wanted() query: StreamLogs,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.#events(stream, query, request, response);
  }

  @Get('services/:id/logs/stream')
  @described('a service')
  service(
    @Param('id', new IdParam('runtime')) stream: StreamId,
    @Wanted() query: StreamLogs,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.#events(stream, query, request, response);
  }

  @Get('deployments/:id/logs/stream')
  @described('a build')
  deployment(
    @Param('id', new IdParam('build')) stream: StreamId,
    @Wanted() query: StreamLogs,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.#events(stream, query, request, response);
  }

  @Get('bots/:id/logs/stream')
  @described('a bot')
  bot(
    @Param('id', new IdParam('bot')) stream: StreamId,
    @Wanted() query: StreamLogs,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.#events(stream, query, request, response);
  }

  /** In a form of its own: there are readers of jobs that are older than this server. */
  @Get('jobs/:id/logs/stream')
  @described('a job', 'Lines `data: { type, timestamp, level, message, index }`, up to one of type `complete`.')
  job(
    @Param('id', new IdParam('job')) stream: StreamId,
    @Query(new Parsed(StreamJob)) query: StreamLogs,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.streams.serve({ principal: principalOf(request), stream, query, form: 'job' }, request, response);
  }

  #events(stream: StreamId, query: StreamLogs, request: Request, response: Response): Promise<void> {
    return this.streams.serve({ principal: principalOf(request), stream, query, form: 'events' }, request, response);
  }
}
