import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { ImageBuild } from '@kubidu/core';

/** A folder to build, with a Dockerfile. Whoever writes it disposes of it. */
export class BuildContext implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** @param dockerfile its text; empty for none @param files further ones, by path */
  static async write(dockerfile: string, files: Readonly<Record<string, string>> = {}): Promise<BuildContext> {
    const context = new BuildContext(await mkdtemp(join(tmpdir(), 'kubidu-context-')));
    const all = dockerfile === '' ? files : { ...files, Dockerfile: dockerfile };
    for (const [name, text] of Object.entries(all)) {
      await mkdir(dirname(join(context.path, name)), { recursive: true });
      await writeFile(join(context.path, name), text);
    }
    return context;
  }

  /** A build of it, with nothing special about it but what is given. */
  build(image: string, special: Partial<ImageBuild> = {}): ImageBuild {
    return {
      ...{ context: this.path, dockerfile: 'Dockerfile', image, push: false },
      ...{ buildArgs: {}, secrets: {}, labels: {}, noCache: true },
      ...special,
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}
