import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { SpawnedProcess } from './spawned-process.ts';
import type { SpawnOptions } from './spawned-process.ts';

const BIN = fileURLToPath(new URL('../../cli/bin/kubidu.js', import.meta.url));

/** The `kubidu` command as it is built, with a home folder of its own. Whoever starts it disposes of it. */
export class RunningCli implements AsyncDisposable {
  readonly process: SpawnedProcess;
  readonly #home: string;

  private constructor(home: string, process: SpawnedProcess) {
    this.#home = home;
    this.process = process;
  }

  static async start(args: readonly string[], { env, ...options }: SpawnOptions = {}): Promise<RunningCli> {
    const home = await mkdtemp(join(tmpdir(), 'kubidu-cli-'));
    const process = new SpawnedProcess(BIN, args, {
      cwd: home,
      ...options,
      env: { HOME: home, XDG_CONFIG_HOME: home, XDG_STATE_HOME: home, ...env },
    });
    return new RunningCli(home, process);
  }

  get stdout(): string {
    return this.process.stdout;
  }

  get stderr(): string {
    return this.process.stderr;
  }

  signal(name: NodeJS.Signals): void {
    this.process.signal(name);
  }

  /** See SpawnedProcess. */
  exit(): Promise<number> {
    return this.process.exit();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    await rm(this.#home, { recursive: true, force: true });
  }
}
