import { Inject, Injectable } from '@nestjs/common';
import type { ReadinessReport } from '@kubidu/contracts';
import type { LogStore } from '@kubidu/core';

import { Sources } from '../collect/sources.ts';
import { HOT_STORE } from '../store/store.module.ts';
import { ArchiveState } from './archive-state.ts';
import { BuildState } from './build-state.ts';
import type { DependencyState } from './dependency-state.ts';
import { Metrics } from './metrics.ts';

const PROBE_MS = 2_000;

/** Whether this process can do its work, and what it waits for if not. */
@Injectable()
export class Readiness {
  #draining = false;
  #probe: Promise<DependencyState> | undefined;

  constructor(
    @Inject(HOT_STORE) private readonly store: LogStore,
    private readonly sources: Sources,
    private readonly metrics: Metrics,
    private readonly builds: BuildState,
    private readonly archive: ArchiveState,
  ) {}

  /** Says from now on that nothing new should come here. */
  drain(): void {
    this.#draining = true;
  }

  async report(): Promise<ReadinessReport> {
    const asked = [this.#store(), this.builds.report(), this.archive.report()] as const;
    const [store, builds, archive] = await Promise.all(asked);
    const dependencies: Record<string, DependencyState> = { store };
    // A cluster that is away delays new lines, but everything stored can be read: no reason to send readers elsewhere.
    for (const { name, source } of this.sources.all) dependencies[name] = source.health();
    // Nor is a server that cannot build: what was built can be read, and what is asked for waits.
    if (builds) dependencies['builds'] = builds;
    // What is new is read and written without the archive.
    if (archive) dependencies['archive'] = archive;
    if (this.#draining) dependencies['server'] = { ok: false, detail: 'shutting down' };
    return { ready: store.ok && !this.#draining, dependencies };
  }

  /** One probe at a time, however many ask. */
  #store(): Promise<DependencyState> {
    this.#probe ??= this.#ask().finally(() => {
      this.#probe = undefined;
    });
    return this.#probe;
  }

  async #ask(): Promise<DependencyState> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<DependencyState>((resolve) => {
      timer = setTimeout(() => resolve({ ok: false, detail: `no answer within ${PROBE_MS} ms` }), PROBE_MS);
    });
    const asked = this.store.list({ limit: 1 }).then(
      () => ({ ok: true }),
      () => ({ ok: false, detail: 'not reachable' }),
    );
    const state = await Promise.race([asked, late]);
    clearTimeout(timer);
    this.metrics.storeUp(state.ok);
    return state;
  }
}
