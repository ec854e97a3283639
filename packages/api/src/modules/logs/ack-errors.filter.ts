import { randomUUID } from 'node:crypto';

import { Catch, Inject } from '@nestjs/common';
import type { ArgumentsHost, WsExceptionFilter } from '@nestjs/common';
import type { ErrorBody, StreamKind } from '@kubidu/contracts';
import { LogsError } from '@kubidu/core';
import type { Logger } from 'pino';
import type { Socket } from 'socket.io';

import { LOGGER } from '../logging/logger.ts';

/** An acknowledgement as socket.io hands it to a handler. */
export type Acknowledge = (answer: object) => void;

/**
 * Answers a failed request as the contract says: by its acknowledgement, or by `error` where none was asked for. Nest's
 * own filter emits `exception` and never acknowledges.
 */
@Catch()
export class AckErrors implements WsExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const [socket, request] = host.getArgs<[Socket, unknown]>();
    const acknowledge = host.getArgs<unknown[]>().find(isAcknowledge);
    answerError(socket, this.body(error), request, acknowledge);
  }

  private body(error: unknown): ErrorBody {
    if (error instanceof LogsError && error.code !== 'INTERNAL') return error.body();
    const requestId = randomUUID();
    this.logger.error({ err: error, requestId }, 'a socket met a defect');
    return { code: 'INTERNAL', message: 'something went wrong on our side', requestId };
  }
}

/** Tells a client what went wrong with its request. */
export function answerError(socket: Socket, error: ErrorBody, request: unknown, acknowledge?: Acknowledge): void {
  if (acknowledge) return acknowledge({ ok: false, error });
  socket.emit('error', { ...error, ...streamOf(request) });
}

/** Whether the last argument of an event is what answers it. */
export function isAcknowledge(value: unknown): value is Acknowledge {
  return typeof value === 'function';
}

function of(kind: StreamKind, id: unknown): string | undefined {
  return typeof id === 'string' ? `${kind}:${id}` : undefined;
}

/** What a client would know its request by: the stream it named, if it named one. */
function streamOf(request: unknown): { stream?: string } {
  if (typeof request !== 'object' || request === null) return {};
  const { stream, serviceId, deploymentId } = request as Record<string, unknown>;
  const name = [stream, of('runtime', serviceId), of('build', deploymentId)].find((one) => typeof one === 'string');
  return name !== undefined && name.length <= 160 ? { stream: name } : {};
}
