import { once } from 'node:events';

import { LIMITS } from '@kubidu/contracts';
import type { ErrorBody, Gap, SearchLine, SearchReason } from '@kubidu/contracts';
import { Excerpt } from '@kubidu/core';
import type { SearchStep } from '@kubidu/core';
import type { Response } from 'express';

/** How often a search that finds nothing says how far it is, in milliseconds. */
const PROGRESS_MS = 250;
/** Gaps that are told at the end. */
const GAPS = 100;

/**
 * Writes a search as NDJSON while it runs, at the pace at which it is read. Ends with a line `done` whatever happens, but
 * for a client that left.
 */
export class SearchAnswer {
  readonly #response: Response;
  readonly #gaps: Gap[] = [];
  readonly #began = performance.now();
  #told = performance.now();
  #matches = 0;
  #scannedBytes = 0;
  #scannedTo: number;

  /** @param before where the search begins */
  constructor(response: Response, before: number) {
    this.#response = response;
    this.#scannedTo = before;
    response.status(200).setHeader('Content-Type', 'application/x-ndjson; charset=utf-8');
    response.setHeader('Cache-Control', 'no-store');
    // Proxies that collect an answer before they pass it on would keep what was found first until the end.
    response.setHeader('X-Accel-Buffering', 'no');
    response.flushHeaders();
  }

  /** Writes every step, until there are no more or time is over. */
  async write(steps: AsyncIterable<SearchStep>, limit: number, signal: AbortSignal): Promise<void> {
    for await (const step of steps) {
      await this.#step(step, signal);
      if (this.#matches >= limit) break;
      if (performance.now() - this.#began >= LIMITS.searchMs) return this.end('time');
    }
    this.end(this.#matches >= limit ? 'limit' : 'beginning');
  }

  /** Writes how far it came, and the last line. */
  end(reason: SearchReason, error?: ErrorBody): void {
    const gaps = this.#gaps.toReversed();
    this.#progress();
    this.#line({ type: 'done', reason, ...(error && { error }), ...(gaps.length > 0 && { gaps }) });
    this.#response.end();
  }

  async #step({ parts, edge, size }: SearchStep, signal: AbortSignal): Promise<void> {
    this.#scannedBytes += size;
    this.#scannedTo = edge;
    let text = '';
    for (const part of parts.toReversed()) {
      if (!(part instanceof Excerpt)) this.#gap(part);
      else {
        for (const entry of part.indexed().reverse()) text += `{"type":"match","entry":${entry}}\n`;
        this.#matches += part.lines.length;
      }
    }
    const isOpen = text === '' || this.#response.write(text);
    const due = performance.now() - this.#told >= PROGRESS_MS;
    if (due) this.#progress();
    if (!isOpen && this.#response.writableNeedDrain) await once(this.#response, 'drain', { signal });
  }

  #gap(gap: Gap): void {
    if (this.#gaps.length < GAPS) this.#gaps.push(gap);
  }

  #progress(): void {
    this.#told = performance.now();
    const [scannedTo, scannedBytes, matches] = [this.#scannedTo, this.#scannedBytes, this.#matches];
    this.#line({ type: 'progress', scannedTo, scannedBytes, matches });
  }

  #line(line: SearchLine): void {
    this.#response.write(`${JSON.stringify(line)}\n`);
  }
}
