import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { DownloadLogs } from '@kubidu/contracts';
import type { StreamId } from '@kubidu/contracts';
import type { Request, Response } from 'express';

import { Described } from '../../../http/described.ts';
import { IdParam, Parsed, StreamParam } from '../../../http/parse.ts';
import { principalOf } from '../../auth/authenticate-request.ts';
import { DownloadService } from './download.service.ts';

const DOWNLOAD = new Parsed(DownloadLogs);

const described = (what: string) =>
  Described({
    summary: `The log of ${what} as a file`,
    details:
      'Everything up to the head as it is now, written as it is read; compressed for whoever accepts gzip. A connection ' +
      'that is cut before its end is a failure: ask anew, for there are no ranges.',
    answer: {
      types: ['text/plain', 'application/x-ndjson'],
      description: 'A line for each entry, and one for what can no longer be had.',
    },
    errors: ['NOT_FOUND'],
  });

/** `GET …/logs/download`: streams as files. */
@Controller('api')
export class DownloadController {
  constructor(private readonly downloads: DownloadService) {}

  @Get('streams/:stream/logs/download')
  @described('a stream')
  stream(
    @Param('stream', StreamParam) stream: StreamId,
    @Query(DOWNLOAD) query: DownloadLogs,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.downloads.answer(principalOf(request), stream, query, request, response);
  }

  @Get('services/:id/logs/download')
  @described('a service')
  service(
    @Param('id', new IdParam('runtime')) stream: StreamId,
    @Query(DOWNLOAD) query: DownloadLogs,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.downloads.answer(principalOf(request), stream, query, request, response);
  }

  @Get('deployments/:id/logs/download')
  @described('a build')
  deployment(
    @Param('id', new IdParam('build')) stream: StreamId,
    @Query(DOWNLOAD) query: DownloadLogs,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.downloads.answer(principalOf(request), stream, query, request, response);
  }

  @Get('jobs/:id/logs/download')
  @described('a job')
  job(
    @Param('id', new IdParam('job')) stream: StreamId,
    @Query(DOWNLOAD) query: DownloadLogs,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.downloads.answer(principalOf(request), stream, query, request, response);
  }

  @Get('bots/:id/logs/download')
  @described('a bot')
  bot(
    @Param('id', new IdParam('bot')) stream: StreamId,
    @Query(DOWNLOAD) query: DownloadLogs,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.downloads.answer(principalOf(request), stream, query, request, response);
  }
}
