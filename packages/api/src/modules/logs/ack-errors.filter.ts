import { Catch } from '@nestjs/common';
import type { ArgumentsHost, WsExceptionFilter } from '@nestjs/common';
import type { ErrorBody } from '@kubidu/contracts';
import type { Socket } from 'socket.io';

import { errorBody } from '../../error-body.ts';

/** An acknowledgement as socket.io hands it to a handler. */
export type Acknowledge = (answer: object) => void;

/**
 * Answers a failed request as the contract says: by its acknowledgement, or by `error` where none was asked for. Nest's
 * own filter emits `exception` and never acknowledges.
 */
@Catch()
export class AckErrors implements WsExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const [socket, request] = host.getArgs<[Socket, unknown]>();
    const acknowledge = host.getArgs<unknown[]>().find((arg): arg is Acknowledge => typeof arg === 'function');
    answerError(socket, errorBody(error), request, acknowledge);
  }
}

/** Tells a client what went wrong with its request. */
export function answerError(socket: Socket, error: ErrorBody, request: unknown, acknowledge?: Acknowledge): void {
  if (acknowledge) return acknowledge({ ok: false, error });
  socket.emit('error', { ...error, ...streamOf(request) });
}

/** What a client would know its request by: the stream it named, if that is one. */
function streamOf(request: unknown): { stream?: string } {
  if (typeof request !== 'object' || request === null) return {};
  const { stream, serviceId } = request as Record<string, unknown>;
  const name = typeof stream === 'string' ? stream : typeof serviceId === 'string' ? `runtime:${serviceId}` : undefined;
  return name !== undefined && name.length <= 160 ? { stream: name } : {};
}
