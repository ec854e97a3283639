import { Inject, Injectable, Optional } from '@nestjs/common';
import type { StreamId } from '@kubidu/contracts';
import { Archiver, hasCode } from '@kubidu/core';
import type { Leases, LogArchive, LogStore } from '@kubidu/core';
import type { Logger } from 'pino';

import { InjectConfig } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { LOGGER } from '../logging/logger.ts';
import { Metrics } from '../ops/metrics.ts';
import { HOT_STORE, LEASES, LOG_ARCHIVE } from '../store/store.module.ts';

const EVERY_MS = 30_000;

/** The archiver of this process, where there is an archive; it works once started and while no other process does. */
@Injectable()
export class Archiving {
  readonly #archiver: Archiver | undefined;

  constructor(
    @InjectConfig() config: Config,
    @Inject(HOT_STORE) store: LogStore,
    @Inject(LEASES) leases: Leases,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly metrics: Metrics,
    @Optional() @Inject(LOG_ARCHIVE) archive?: LogArchive,
  ) {
    if (!archive) return;
    const archiver = new Archiver({
      ...{ store, archive, leases, observer: this, random: () => Math.random() },
      hotBytes: config.KUBIDU_HOT_BYTES,
      hotBytesTotal: config.KUBIDU_HOT_BYTES_TOTAL,
      // What expires before it is archived was not kept as long as it was asked for.
      everyMs: Math.min(EVERY_MS, config.KUBIDU_RETENTION / 10),
    });
    metrics.archiveLag(() => archiver.lagMs);
    this.#archiver = archiver;
  }

  start(): void {
    this.#archiver?.start();
  }

  /** Archives what is there, for some seconds at most, and ends. Idempotent; never throws. */
  async close(): Promise<void> {
    await this.#archiver?.close();
  }

  /** An archive that is away is an expected state, with a metric; anything else is a defect. */
  failed(stream: StreamId | undefined, error: unknown): void {
    // Without a stream it is the store or the leases that are away.
    if (stream) this.metrics.archiveFailed();
    if (!hasCode(error, 'UNAVAILABLE')) this.logger.error({ err: error, stream }, 'archiving failed; trying again');
  }

  lost(stream: StreamId, entries: number): void {
    this.metrics.lost('not-archived', entries);
    this.logger.warn({ stream, entries }, 'entries left the store before they could be archived');
  }
}
