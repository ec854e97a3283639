import { Inject, Injectable, Optional } from '@nestjs/common';
import type { StreamId } from '@kubidu/contracts';
import type { LogArchive } from '@kubidu/core';

import { LOG_ARCHIVE } from '../store/store.module.ts';
import type { DependencyState } from './dependency-state.ts';

/** Longest wait for an answer, in milliseconds. */
const PROBE_MS = 2_000;
/** How long an answer is good, in milliseconds: S3 has each request paid for. */
const FRESH_MS = 30_000;
/** A stream to ask for; whether there is one does not matter. */
const ASKED: StreamId = 'job:readyz';

/** Whether the archive answers, for /readyz. */
@Injectable()
export class ArchiveState {
  constructor(@Optional() @Inject(LOG_ARCHIVE) private readonly archive?: LogArchive) {}

  /** Undefined where there is no archive. Never rejects. */
  async report(): Promise<DependencyState | undefined> {
    if (!this.archive) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<DependencyState>((resolve) => {
      timer = setTimeout(() => resolve({ ok: false, detail: `no answer within ${PROBE_MS} ms` }), PROBE_MS);
    });
    const asked = this.archive.range(ASKED, FRESH_MS).then(
      () => ({ ok: true }),
      () => ({ ok: false, detail: 'not reachable' }),
    );
    const state = await Promise.race([asked, late]);
    clearTimeout(timer);
    return state;
  }
}
