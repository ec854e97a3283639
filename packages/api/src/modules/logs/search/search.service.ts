import { randomUUID } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';
import type { ErrorBody, SearchLogs, StreamId } from '@kubidu/contracts';
import { LogsError, search } from '@kubidu/core';
import type { LogStore, QueryFilter } from '@kubidu/core';
import type { Response } from 'express';
import type { Logger } from 'pino';

import type { ApiPrincipal } from '../../auth/api-principal.ts';
import { LOGGER } from '../../logging/logger.ts';
import { LOG_STORE } from '../../store/store.module.ts';
import { LogsService } from '../logs.service.ts';
import { SearchAnswer } from './search-answer.ts';
import { SearchSlots } from './search-slots.ts';

/** Searches of streams, each for one client that waits for its answer. */
@Injectable()
export class SearchService {
  constructor(
    @Inject(LOG_STORE) private readonly store: LogStore,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly logs: LogsService,
    private readonly slots: SearchSlots,
  ) {}

  /**
   * Searches backwards and answers as it goes; stops when the client leaves.
   * @throws {LogsError} before anything was answered: NOT_FOUND, INVALID_ARGUMENT, RATE_LIMITED, UNAVAILABLE
   */
  async answer(principal: ApiPrincipal, stream: StreamId, asked: SearchLogs, response: Response): Promise<void> {
    const filter = await this.logs.filter(principal, stream, asked);
    using slot = this.slots.take(principal);
    const { lastIndex } = await this.logs.mustExist(stream);
    const left = new AbortController();
    response.on('close', () => left.abort());
    if (response.destroyed) return;
    const before = Math.min(asked.before, lastIndex + 1);
    const answer = new SearchAnswer(response, before);
    const signal = AbortSignal.any([left.signal, slot.signal]);
    try {
      await answer.write(this.#search(stream, { ...asked, before }, filter, signal), asked.limit, signal);
    } catch (error) {
      if (left.signal.aborted) return;
      answer.end('error', this.#errorBody(stream, signal.aborted ? signal.reason : error));
    }
  }

  #search(stream: StreamId, { before, limit }: SearchLogs, filter: QueryFilter, signal: AbortSignal) {
    return search((range) => this.store.read(stream, range), { before, limit }, filter, signal);
  }

  /** What went wrong after the answer began; what is no LogsError is a defect: logged whole, shown as an id. */
  #errorBody(stream: StreamId, error: unknown): ErrorBody {
    if (error instanceof LogsError && error.code !== 'INTERNAL') return error.body();
    const requestId = randomUUID();
    this.logger.error({ err: error, requestId, stream }, 'a search met a defect');
    return { code: 'INTERNAL', message: 'something went wrong on our side', requestId };
  }
}
