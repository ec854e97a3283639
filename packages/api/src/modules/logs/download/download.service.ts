import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

import { Inject, Injectable } from '@nestjs/common';
import { idOf, kindOf } from '@kubidu/contracts';
import type { DownloadLogs, StreamId } from '@kubidu/contracts';
import { Excerpt, hasCode, LogsError, systemClock } from '@kubidu/core';
import type { LogStore, Page, QueryFilter, ReadRange } from '@kubidu/core';
import type { Request, Response } from 'express';

import type { ApiPrincipal } from '../../auth/api-principal.ts';
import { Collector } from '../../collect/collector.ts';
import { LOG_STORE } from '../../store/store.module.ts';
import { LogsService } from '../logs.service.ts';
import { DOWNLOAD_FORMATS } from './download-format.ts';
import type { DownloadFormat } from './download-format.ts';
import { DownloadSlots } from './download-slots.ts';
import { wholeStream } from './whole-stream.ts';

/** Entries written at once, and characters. */
const AT_ONCE = 100;
const PIECE = 64 * 1024;
/** How long a download that has begun waits for a store that is away. */
const PATIENCE_MS = 5_000;
const RETRY_MS = 250;

/** Streams as files: everything there is when one asks, written as fast as it is taken and no faster. */
@Injectable()
export class DownloadService {
  constructor(
    @Inject(LOG_STORE) private readonly store: LogStore,
    private readonly logs: LogsService,
    private readonly slots: DownloadSlots,
    private readonly collector: Collector,
  ) {}

  /**
   * Answers with the whole range, up to the head as it is now. What fails later cuts the connection, so that no client
   * takes a part for the whole.
   * @throws {LogsError} NOT_FOUND, INVALID_ARGUMENT, RATE_LIMITED, UNAVAILABLE
   */
  async answer(
    principal: ApiPrincipal,
    stream: StreamId,
    asked: DownloadLogs,
    request: Request,
    response: Response,
  ): Promise<void> {
    const filter = await this.logs.filter(principal, stream, asked);
    using slot = this.slots.take(principal);
    await using _reader = this.collector.want(stream);
    const { lastIndex } = await this.logs.mustExist(stream);
    const left = new AbortController();
    response.once('close', () => left.abort());
    const signal = AbortSignal.any([left.signal, slot.signal]);
    const format = DOWNLOAD_FORMATS[asked.format];
    const pieces = this.#pieces(stream, lastIndex, filter, format, response, signal);
    try {
      // Read before anything is answered: what is wrong with the request or the store has a status of its own.
      const first = await pieces.next();
      await this.#send(stream, format, first.done === true ? '' : first.value, pieces, request, response, signal);
    } catch (error) {
      if (left.signal.aborted && !(error instanceof LogsError)) return;
      throw error;
    } finally {
      await pieces.return(undefined);
    }
  }

  async #send(
    stream: StreamId,
    { type, extension }: DownloadFormat,
    first: string,
    rest: AsyncIterable<string>,
    request: Request,
    response: Response,
    signal: AbortSignal,
  ): Promise<void> {
    const zips = request.acceptsEncodings(['gzip', 'identity']) === 'gzip';
    response.status(200).set({
      'Content-Type': type,
      // Kinds and ids are letters, digits, dots, dashes and underscores: nothing to escape (RFC 6266).
      'Content-Disposition': `attachment; filename="${kindOf(stream)}-${idOf(stream)}.${extension}"`,
      'Cache-Control': 'no-store, no-transform',
      // What it is made of goes on and expires: the bytes of two downloads need not fit together.
      'Accept-Ranges': 'none',
      'X-Accel-Buffering': 'no',
      Vary: 'Accept-Encoding',
      ...(zips && { 'Content-Encoding': 'gzip' }),
    });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    async function* body(): AsyncGenerator<string> {
      yield first;
      yield* rest;
    }
    // A piece is not held back until there are more of them: whoever waits for the first line sees it.
    response.flushHeaders();
    if (zips) await pipeline(body, createGzip({ level: 1 }), response, { signal });
    else await pipeline(body, response, { signal });
  }

  async *#pieces(
    stream: StreamId,
    through: number,
    filter: QueryFilter,
    format: DownloadFormat,
    response: Response,
    signal: AbortSignal,
  ): AsyncGenerator<string, undefined> {
    const read = (range: ReadRange) => this.#read(stream, range, response, signal);
    let piece = '';
    for await (const part of wholeStream(read, through, filter, signal)) {
      for (const line of part instanceof Excerpt ? linesOf(part, format) : [format.gap(part)]) {
        piece += line;
        if (piece.length < PIECE) continue;
        yield piece;
        piece = '';
      }
    }
    if (piece !== '') yield piece;
    return undefined;
  }

  /** Once a part was sent, a store that is away for a moment is waited for: a client cannot ask for the rest. */
  async #read(stream: StreamId, range: ReadRange, response: Response, signal: AbortSignal): Promise<Page> {
    for (let waited = 0; ; waited += RETRY_MS) {
      try {
        return await this.store.read(stream, range);
      } catch (error) {
        if (!hasCode(error, 'UNAVAILABLE') || !response.headersSent || waited >= PATIENCE_MS) throw error;
        await systemClock.sleep(RETRY_MS, signal);
      }
    }
  }
}

/** A few at a time: a page of them written at once would be several times its size. */
function* linesOf({ indexes, lines }: Excerpt, format: DownloadFormat): Generator<string> {
  for (let at = 0; at < lines.length; at += AT_ONCE)
    yield* format.entries(new Excerpt(indexes.slice(at, at + AT_ONCE), lines.slice(at, at + AT_ONCE)));
}
