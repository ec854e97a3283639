import type { BuildOutput, BuildResult, ImageBuild, ImageBuilder } from '@kubidu/core';

import { BuildxBuilder } from './buildx-builder.ts';
import { DockerClient } from './docker-client.ts';
import type { DockerClientOptions } from './docker-client.ts';
import { LegacyBuilder } from './legacy-builder.ts';

/** Builds with whichever builder the Docker client has: BuildKit where there is buildx, else the classic one. */
export class DockerBuilder implements ImageBuilder {
  readonly #client: DockerClient;
  #builder: ImageBuilder | undefined;

  constructor(options: DockerClientOptions = {}) {
    this.#client = new DockerClient(options);
  }

  async build(build: ImageBuild, output: BuildOutput, signal: AbortSignal): Promise<BuildResult> {
    return (await this.#choose()).build(build, output, signal);
  }

  async health(): Promise<{ readonly ok: boolean; readonly detail?: string }> {
    return new BuildxBuilder(this.#client).health();
  }

  /** Looked up once: what a client has does not change under a running worker. */
  async #choose(): Promise<ImageBuilder> {
    this.#builder ??= (await this.#client.hasBuildx())
      ? new BuildxBuilder(this.#client)
      : new LegacyBuilder(this.#client);
    return this.#builder;
  }
}
