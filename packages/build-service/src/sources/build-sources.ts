import type { BuildSource } from '@kubidu/contracts';
import type { BuildOutput } from '@kubidu/core';

import { allowedFolder } from './allowed-folder.ts';
import { GitCheckout } from './git-checkout.ts';
import { TemporaryFolder } from './temporary-folder.ts';
import type { ArchiveLimits } from './entry-check.ts';
import { unpackArchive } from './unpack-archive.ts';

/** Where sources may come from. */
export interface BuildSourcesOptions {
  /** Folders of this machine below which `{ path }` may lie. Default none. */
  readonly allowedRoots?: readonly string[];
  /** Reads an upload; throws NOT_FOUND where there is none. */
  readonly readUpload: (upload: string) => AsyncIterable<Uint8Array>;
  /** Bounds of what an archive unpacks to. */
  readonly limits?: Partial<ArchiveLimits>;
  /** How git may reach repositories, in its own words, separated by colons. Default `https:http:ssh:git`. */
  readonly gitProtocols?: string;
}

/** Sources on disk. Disposing of them removes what was made for them; a folder that was there before stays. */
export interface BuildFolder extends AsyncDisposable {
  readonly path: string;
}

/** Gets the sources of a build. */
export class BuildSources {
  readonly #options: BuildSourcesOptions;

  constructor(options: BuildSourcesOptions) {
    this.#options = options;
  }

  /**
   * @param step number of the step as which getting them is told; a path of this machine needs none
   * @throws {LogsError} NOT_FOUND, INVALID_ARGUMENT, PAYLOAD_TOO_LARGE, UNAVAILABLE, in words for whoever pushed
   */
  async get(source: BuildSource, output: BuildOutput, step: number, signal: AbortSignal): Promise<BuildFolder> {
    if ('path' in source) {
      const path = await allowedFolder(source.path, this.#options.allowedRoots ?? []);
      return { path, [Symbol.asyncDispose]: () => Promise.resolve() };
    }
    const folder = await TemporaryFolder.create('source');
    try {
      if ('git' in source) {
        const { gitProtocols = 'https:http:ssh:git' } = this.#options;
        await new GitCheckout(source, folder.path, gitProtocols).run(output, step, signal);
      } else
        await unpackArchive(this.#options.readUpload(source.upload), folder.path, this.#options.limits ?? {}, signal);
      return folder;
    } catch (error) {
      await folder[Symbol.asyncDispose]();
      throw error;
    }
  }
}
