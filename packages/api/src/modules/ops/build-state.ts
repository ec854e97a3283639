import { Inject, Injectable } from '@nestjs/common';

import { OPEN_BUILDS } from '../builds/open-builds.ts';
import type { OpenBuilds } from '../builds/open-builds.ts';
import type { DependencyState } from './dependency-state.ts';
import { Metrics } from './metrics.ts';

/** Longest wait for an engine to answer, in milliseconds. */
const PROBE_MS = 2_000;
/** How long an answer is good, in milliseconds: asking an engine starts a process. */
const FRESH_MS = 5_000;

/** Whether builds can run, and how many do; for /readyz and /metrics. */
@Injectable()
export class BuildState {
  #asked = -Infinity;
  #state: Promise<DependencyState> | undefined;

  constructor(
    @Inject(OPEN_BUILDS) private readonly builds: OpenBuilds,
    private readonly metrics: Metrics,
  ) {}

  /** Undefined where builds have no place in this process. Never rejects. */
  async report(): Promise<DependencyState | undefined> {
    const { queue } = this.builds;
    if (!queue) return undefined;
    await queue.depth().then(
      (depth) => this.metrics.builds(depth),
      () => undefined, // away: what is known stays
    );
    if (Date.now() - this.#asked > FRESH_MS) {
      this.#asked = Date.now();
      this.#state = this.#ask();
    }
    return this.#state;
  }

  async #ask(): Promise<DependencyState> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<DependencyState>((resolve) => {
      timer = setTimeout(() => resolve({ ok: false, detail: `no answer within ${PROBE_MS} ms` }), PROBE_MS);
    });
    const state = await Promise.race([this.builds.desk.health(), late]);
    clearTimeout(timer);
    this.metrics.buildsUp(state.ok);
    return state;
  }
}
