import type { BuildOutput, BuildResult, ImageBuild, ImageBuilder } from '@kubidu/core';

/** A build under way, which ends with its test at the latest. */
export class RunningBuild implements AsyncDisposable {
  readonly result: Promise<BuildResult>;
  readonly #stop = new AbortController();

  constructor(builder: ImageBuilder, build: ImageBuild, output: BuildOutput) {
    this.result = builder.build(build, output, this.#stop.signal);
    this.result.catch(() => undefined); // the test awaits it
  }

  stop(): void {
    this.#stop.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.result.catch(() => undefined);
  }
}
