import { Injectable } from '@nestjs/common';
import { LIMITS } from '@kubidu/contracts';
import { LogsError } from '@kubidu/core';
import type { Request } from 'express';
import type { Socket } from 'socket.io';

import type { ApiPrincipal } from '../auth/api-principal.ts';
import { InjectConfig } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { Metrics } from '../ops/metrics.ts';
import { Allowances } from './allowances.ts';

/** What is counted apart: a sender that is too fast must not blind the readers of the same token, nor they it. */
type Use = 'read' | 'ingest';

/** Too many requests. */
export class TooMany extends LogsError {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('RATE_LIMITED', 'too many requests');
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * How many requests everybody may send to this process: by principal, and where there is none that tells people apart, by
 * where they come from.
 */
@Injectable()
export class RateLimits {
  readonly #of: Readonly<Record<Use, Allowances | undefined>>;

  constructor(
    @InjectConfig() { KUBIDU_RATE_LIMIT: read, KUBIDU_RATE_LIMIT_INGEST: ingest }: Config,
    private readonly metrics: Metrics,
  ) {
    this.#of = { read: allowances(read), ingest: allowances(ingest) };
  }

  /** Counts a request of HTTP; `principal` is undefined where nobody knows whose it is. @throws {TooMany} */
  request(request: Request, principal: ApiPrincipal | undefined, use: Use): void {
    this.#take(use, keyOf(principal, request.socket.remoteAddress));
  }

  /** Counts a request that came by socket. @throws {TooMany} */
  socket(socket: Socket, principal: ApiPrincipal): void {
    this.#take('read', keyOf(principal, socket.id));
  }

  #take(use: Use, key: string): void {
    const waitMs = this.#of[use]?.take(key) ?? 0;
    if (waitMs === 0) return;
    this.metrics.rateLimited(use);
    throw new TooMany(waitMs);
  }
}

function allowances(perSecond: number): Allowances | undefined {
  return perSecond === 0 ? undefined : new Allowances({ perSecond, burst: perSecond * LIMITS.requestBurstSeconds });
}

/** A token names somebody; that of the ingest, and having none, is of many. */
function keyOf(principal: ApiPrincipal | undefined, place = ''): string {
  return principal?.kind === 'token' ? `token ${principal.subject}` : `${principal?.kind ?? 'nobody'} ${place}`;
}
