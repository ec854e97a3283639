import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { eventually } from './eventually.ts';
import { SpawnedProcess } from './spawned-process.ts';

const MAIN = fileURLToPath(new URL('../../api/dist/main.js', import.meta.url));
const READY = /^Kubidu Logs: http:\/\/[^\s:]+:(\d+)\/?$/m;

/** How the server is started. */
export interface RunningApiOptions {
  /** Its settings. KUBIDU_DATA_DIR is a temporary folder and no processes are run unless given here. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The API as it is built, in a process of its own on a free port. Whoever starts it disposes of it. */
export class RunningApi implements AsyncDisposable {
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  #process: SpawnedProcess | undefined;
  #port = 0;

  private constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#env = env;
  }

  /** Resolves once the server said that it is ready. */
  static async start({ env = {} }: RunningApiOptions = {}): Promise<RunningApi> {
    if (!existsSync(MAIN)) throw new Error('packages/api is not built: run npm run build');
    const folder = await mkdtemp(join(tmpdir(), 'kubidu-api-'));
    const api = new RunningApi(folder, { KUBIDU_DATA_DIR: folder, KUBIDU_PROCFILE: 'off', ...env });
    try {
      await api.restart();
    } catch (error) {
      await api[Symbol.asyncDispose]();
      throw error;
    }
    return api;
  }

  /** `http://127.0.0.1:<port>`; the same after a restart. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Its folder, unless the settings name another. */
  get dataDir(): string {
    return this.#folder;
  }

  get running(): boolean {
    return this.#process?.running ?? false;
  }

  /** What the server printed since it was last started. */
  get stdout(): string {
    return this.#process?.stdout ?? '';
  }

  get stderr(): string {
    return this.#process?.stderr ?? '';
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Memory of the process now, in bytes: resident, and the part of it that is no file's (what is mapped is the kernel's to take back). */
  async memory(): Promise<{ readonly resident: number; readonly anonymous: number }> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8');
    const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1_024;
    return { resident: bytes('VmRSS'), anonymous: bytes('RssAnon') };
  }

  /** Kills the server with SIGKILL and resolves when it is gone. Its files stay. */
  async kill9(): Promise<void> {
    await this.#process?.kill9();
  }

  /** Asks the server to end (SIGTERM unless told otherwise) and resolves with its exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    this.#process?.signal(signal);
    return (await this.#process?.exit()) ?? 0;
  }

  signal(name: NodeJS.Signals): void {
    this.#process?.signal(name);
  }

  /** Starts the server again with the same settings, on the same port, and resolves once it is ready. */
  async restart(): Promise<void> {
    await this.kill9();
    const started = new SpawnedProcess(MAIN, [], {
      env: { PORT: String(this.#port), ...this.#env },
      cwd: this.#folder,
    });
    this.#process = started;
    const port = await eventually(() => READY.exec(started.stdout)?.[1] ?? (!started.running && 'none'), {
      timeoutMs: 20_000,
    });
    if (port === 'none') throw new Error(`the server ended before it was ready:\n${started.stderr.slice(-2_000)}`);
    this.#port = Number(port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
