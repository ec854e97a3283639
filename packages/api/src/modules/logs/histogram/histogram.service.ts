import { Inject, Injectable } from '@nestjs/common';
import { LIMITS } from '@kubidu/contracts';
import type { CountLogs, LogHistogram, StreamId } from '@kubidu/contracts';
import { histogram } from '@kubidu/core';
import type { LogStore } from '@kubidu/core';

import { parseTime } from '../../../http/parse.ts';
import { Access } from '../../auth/access.ts';
import type { ApiPrincipal } from '../../auth/api-principal.ts';
import { LOG_STORE } from '../../store/store.module.ts';
import { LogsService } from '../logs.service.ts';
import { HistogramSlots } from './histogram-slots.ts';

/** Counts the lines of streams by time and level. */
@Injectable()
export class HistogramService {
  constructor(
    @Inject(LOG_STORE) private readonly store: LogStore,
    private readonly access: Access,
    private readonly logs: LogsService,
    private readonly slots: HistogramSlots,
  ) {}

  /** @throws {LogsError} NOT_FOUND, INVALID_ARGUMENT, RATE_LIMITED, UNAVAILABLE */
  async count(principal: ApiPrincipal, stream: StreamId, asked: CountLogs): Promise<LogHistogram> {
    await this.access.mustRead(principal, stream);
    const time = parseTime(asked, Date.now());
    using slot = this.slots.take(principal);
    const { lastIndex } = await this.logs.mustExist(stream);
    const before = Math.min(asked.before, lastIndex + 1);
    const { widthMs, buckets, ...counted } = await histogram(
      (range) => this.store.read(stream, range),
      {
        ...{ before, buckets: asked.buckets, time },
        ...{ mostLines: LIMITS.histogramEntries, mostMs: LIMITS.histogramMs },
      },
      slot.signal,
    );
    return {
      bucketSeconds: widthMs / 1_000,
      buckets: buckets.map(({ fromMs, lines, levels }) => ({ from: new Date(fromMs).toISOString(), lines, levels })),
      ...counted,
      lastIndex: Math.max(0, before - 1),
    };
  }
}
