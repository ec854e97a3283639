import { randomUUID } from 'node:crypto';

import { Catch, HttpException } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { ERRORS } from '@kubidu/contracts';
import type { ErrorBody } from '@kubidu/contracts';
import { LogsError } from '@kubidu/core';
import type { Request, Response } from 'express';
import type { Logger } from 'pino';

import { TooMany } from '../modules/limits/rate-limits.ts';

/** Seconds after which a client may ask again what failed for now. */
const RETRY_AFTER_S = 1;

/** Every error of the HTTP side in the contract's shape. What is no LogsError is a defect: logged whole, shown as an id. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const body = this.#body(error, request);
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const { status, retry } = ERRORS[body.code];
    if (retry) response.setHeader('Retry-After', retryAfterS(error));
    if (body.code === 'UNAUTHENTICATED') response.setHeader('WWW-Authenticate', 'Bearer');
    // What was not read of a refused body would otherwise be taken for the connection's next request.
    if (!request.complete && request.readableFlowing !== true) response.setHeader('Connection', 'close');
    response.status(status).json({ error: body });
  }

  #body(error: unknown, request: Request): ErrorBody {
    const known = error instanceof HttpException ? ofHttp(error) : error;
    if (known instanceof LogsError && known.code !== 'INTERNAL') {
      if (known.code === 'UNAVAILABLE') this.#logger.warn({ err: known, path: request.path }, 'a request failed');
      return known.body();
    }
    const requestId = randomUUID();
    this.#logger.error({ err: error, requestId, method: request.method, path: request.path }, 'a request met a defect');
    return { code: 'INTERNAL', message: 'something went wrong on our side', requestId };
  }
}

function retryAfterS(error: unknown): number {
  return error instanceof TooMany ? Math.ceil(error.retryAfterMs / 1_000) : RETRY_AFTER_S;
}

/** NestJS's own errors and those of the body parser, which it wraps, by their status. */
function ofHttp(error: HttpException): unknown {
  const status = error.getStatus();
  if (status === 404) return new LogsError('NOT_FOUND', 'there is no such route');
  if (status === 413) return new LogsError('PAYLOAD_TOO_LARGE', 'the body is larger than 1 MiB');
  if (status >= 400 && status < 500)
    return new LogsError('INVALID_ARGUMENT', 'the request is malformed', { cause: error });
  return error;
}
