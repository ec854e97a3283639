import { hasCode, LogsError } from '@kubidu/core';
import type { BuildJob, BuildResult, Clock, ImageBuilder } from '@kubidu/core';

import type { BuildSources } from '../sources/build-sources.ts';
import { BuildDeadline } from './build-deadline.ts';
import type { BuildLog } from './build-log.ts';

/** The name of an image, with a tag, and whether it is pushed there. */
export interface ImageTarget {
  readonly name: string;
  readonly push: boolean;
}

/** What building takes. */
export interface BuildWorkOptions {
  readonly builder: ImageBuilder;
  readonly sources: BuildSources;
  /** How long a build may take, in milliseconds, its sources included. Default one hour. */
  readonly timeoutMs?: number;
  readonly clock: Clock;
}

const HOUR_MS = 3_600_000;
const OURS = 'the build failed because of its worker, not because of what was built';

/** Gets the sources of a job and builds them. */
export class BuildWork {
  readonly #options: BuildWorkOptions;

  constructor(options: BuildWorkOptions) {
    this.#options = options;
  }

  /**
   * What came of it; `cancelled` where the signal aborted.
   * @throws {LogsError} CONFLICT once the log takes nothing any more
   */
  async do(
    job: BuildJob,
    image: ImageTarget,
    secrets: Readonly<Record<string, string>>,
    log: BuildLog,
    signal: AbortSignal,
  ): Promise<BuildResult> {
    using deadline = new BuildDeadline(this.#options.clock, this.#options.timeoutMs ?? HOUR_MS);
    const stop = AbortSignal.any([signal, deadline.passed]);
    const result = await this.#try(job, image, secrets, log, stop);
    // Whatever the builder made of being stopped, this is why.
    if (signal.aborted) return { status: 'cancelled' };
    return deadline.passed.aborted && result.status !== 'succeeded'
      ? { status: 'failed', problem: deadline.words }
      : result;
  }

  async #try(
    { request }: BuildJob,
    { name, push }: ImageTarget,
    secrets: Readonly<Record<string, string>>,
    log: BuildLog,
    signal: AbortSignal,
  ): Promise<BuildResult> {
    const { dockerfile = 'Dockerfile', buildArgs = {}, labels = {}, noCache = false, target } = request;
    const optional = target === undefined ? {} : { target };
    try {
      signal.throwIfAborted();
      await using folder = await this.#options.sources.get(request.source, log, 0, signal);
      const context = folder.path;
      const build = { context, dockerfile, image: name, push, buildArgs, secrets, labels, noCache, ...optional };
      return await this.#options.builder.build(build, log, signal);
    } catch (error) {
      if (signal.aborted) return { status: 'cancelled' };
      if (hasCode(error, 'CONFLICT')) throw error;
      return {
        status: 'failed',
        problem: error instanceof LogsError && error.code !== 'INTERNAL' ? error.message : OURS,
      };
    }
  }
}
