import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { eventually } from './eventually.ts';
import { SpawnedProcess } from './spawned-process.ts';

const MAIN = fileURLToPath(new URL('../../build-service/dist/main.js', import.meta.url));

/** A build worker as it is built, in a process of its own. Whoever starts it disposes of it. */
export class RunningWorker implements AsyncDisposable {
  readonly process: SpawnedProcess;
  /** Its data folder is `data` in it, its temporary files lie in `tmp`. */
  readonly folder: string;

  private constructor(folder: string, process: SpawnedProcess) {
    this.folder = folder;
    this.process = process;
  }

  /** Resolves once it takes builds. @param env its settings */
  static async start(env: Readonly<Record<string, string>>): Promise<RunningWorker> {
    if (!existsSync(MAIN)) throw new Error('packages/build-service is not built: run npm run build');
    const folder = await mkdtemp(join(tmpdir(), 'kubidu-worker-'));
    const own = { KUBIDU_DATA_DIR: join(folder, 'data'), TMPDIR: join(folder, 'tmp') };
    await mkdir(own.TMPDIR);
    const worker = new RunningWorker(folder, new SpawnedProcess(MAIN, [], { env: { ...own, ...env }, cwd: folder }));
    try {
      await worker.#ready();
    } catch (error) {
      await worker[Symbol.asyncDispose]();
      throw error;
    }
    return worker;
  }

  async #ready(): Promise<void> {
    const { process } = this;
    const look = () => process.stdout.includes('builds are taken\n') || !process.running;
    await eventually(look, { timeoutMs: 20_000 });
    if (!process.running) throw new Error(`the worker ended before it was ready:\n${process.stderr.slice(-2_000)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}
