import type { Source, StreamId } from '@kubidu/contracts';
import { hasCode } from '@kubidu/core';
import type { AppendReport, Clock, HeldLease, Leases, LogSource, LogStore, Masker, WriteBudget } from '@kubidu/core';
import type { Logger } from 'pino';

import type { FollowState, Metrics } from '../ops/metrics.ts';
import { ServiceSink } from './service-sink.ts';

/** What every follow of a process shares. */
export interface FollowContext {
  readonly store: LogStore;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly budget: WriteBudget;
  readonly masker: Masker;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Another replica follows: how long until we ask again. A killed one's lease runs out within 5 s, so that a takeover takes less than 7. */
const ASK_AGAIN_MS = 1_500;
const FAILED_MS = 1_000;
/** How long a stop waits for what was read to be stored. */
const FLUSH_MS = 3_000;

/** Follows one service for as long as it is wanted and its lease can be had. Owns its loop: nothing outlives close(). */
export class ServiceFollow {
  readonly serviceId: string;
  readonly #stream: StreamId;
  readonly #source: LogSource;
  readonly #context: FollowContext;
  readonly #onSources: () => void;
  readonly #closed = new AbortController();
  #idle: AbortController | undefined;
  #wake: (() => void) | undefined;
  #state: FollowState | undefined;
  #sources: readonly Source[] | undefined;
  #loop: Promise<void> | undefined;

  constructor(serviceId: string, source: LogSource, context: FollowContext, onSources: () => void) {
    this.serviceId = serviceId;
    this.#stream = `runtime:${serviceId}`;
    this.#source = source;
    this.#context = context;
    this.#onSources = onSources;
  }

  /** Who writes now, as the follower sees it; undefined where this process does not follow. */
  get sources(): readonly Source[] | undefined {
    return this.#sources;
  }

  /** Whether anybody wants this service followed; may be told again and again. */
  want(wanted: boolean): void {
    if (this.#closed.signal.aborted) return;
    if (!wanted) {
      this.#idle?.abort();
      this.#idle = undefined;
      if (!this.#loop) this.#enter('idle');
      return;
    }
    this.#idle ??= new AbortController();
    this.#loop ??= this.#run();
    this.#wake?.();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#wake?.();
    await this.#loop;
    this.#enter(undefined);
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { signal: closed } = this.#closed;
    while (!closed.aborted) {
      const idle = this.#idle;
      if (!idle) {
        this.#enter('idle');
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      const signal = AbortSignal.any([closed, idle.signal]);
      await this.#pause(await this.#once(signal), signal);
    }
  }

  /** One attempt; how long to wait before the next. */
  async #once(signal: AbortSignal): Promise<number> {
    try {
      const lease = await this.#context.leases.acquire(this.#stream);
      if (!lease) {
        this.#enter('waiting');
        return ASK_AGAIN_MS * (0.8 + Math.random() * 0.4);
      }
      try {
        await this.#follow(lease, signal);
      } finally {
        await lease.release();
      }
      // A source ends a follow only when it is told to: one that ends by itself must not become a busy loop.
      return FAILED_MS;
    } catch (error) {
      this.#enter('waiting');
      if (!signal.aborted && !hasCode(error, 'UNAVAILABLE') && !hasCode(error, 'CONFLICT'))
        this.#context.logger.error({ err: error, service: this.serviceId }, 'following a service failed; trying again');
      return FAILED_MS;
    }
  }

  async #follow(lease: HeldLease, owner: AbortSignal): Promise<void> {
    const { store, clock, budget, masker, metrics } = this.#context;
    const cursors = await store.cursors(this.#stream);
    const sink = new ServiceSink({
      store,
      stream: this.#stream,
      cursors,
      fence: lease.fence,
      clock,
      budget,
      masker,
      onAppend: (report: AppendReport) => metrics.collected(report),
      onRetry: () => metrics.appendRetried(),
      onLost: (reason, lines) => metrics.lost(reason, lines),
      onSources: (sources) => {
        this.#sources = sources;
        this.#onSources();
      },
    });
    this.#enter('following');
    const stop = AbortSignal.any([owner, lease.lost]);
    const over = new AbortController();
    const refusing = this.#refuse(sink, stop, lease.lost, over.signal);
    try {
      await this.#source.follow(this.serviceId, sink, stop);
      if (!lease.lost.aborted) await this.#flush(sink);
    } finally {
      over.abort();
      await refusing;
      await sink.close();
      this.#sources = undefined;
      this.#onSources();
    }
  }

  /** A source that was told to stop may be waiting for a store that is away: it then learns that nothing more is taken. */
  async #refuse(sink: ServiceSink, stop: AbortSignal, lost: AbortSignal, over: AbortSignal): Promise<void> {
    await aborted(AbortSignal.any([stop, over]));
    if (!lost.aborted) await this.#pause(FLUSH_MS, AbortSignal.any([lost, over]));
    if (!over.aborted) await sink.close();
  }

  async #flush(sink: ServiceSink): Promise<void> {
    const late = new AbortController();
    // The pause ends early once everything is stored: its abort is no failure. A failed flush still is one.
    const flushed = sink.flush().finally(() => late.abort());
    await Promise.race([flushed, this.#context.clock.sleep(FLUSH_MS, late.signal).catch(() => undefined)]);
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    if (ms > 0) await this.#context.clock.sleep(ms, signal).catch(() => undefined); // aborted: the loop sees it
  }

  #enter(state: FollowState | undefined): void {
    if (state === this.#state) return;
    if (this.#state) this.#context.metrics.followed(this.#state, -1);
    if (state) this.#context.metrics.followed(state, 1);
    this.#state = state;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
