import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

const run = promisify(execFile);

/** How a server is started. */
export interface RealRedisOptions {
  /** Keep an append-only file, so that a restart finds the data. Default false. */
  readonly appendOnly?: boolean;
  /** Default: a free one. */
  readonly port?: number;
  /** Further settings, like `['--maxmemory', '10mb']`. */
  readonly settings?: readonly string[];
}

// The server ends when its parent does, however that ends: the shell kills it once its standard input is closed.
const LEASHED = '"$@" </dev/null >/dev/null 2>&1 & echo $!; read -r _; kill -9 $! 2>/dev/null; wait';

/** A redis-server of its own, on 127.0.0.1, with a temporary folder. Whoever starts it disposes of it. */
export class RealRedis implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #options: RealRedisOptions;
  #leash: ChildProcess | undefined;
  #pid = 0;

  private constructor(port: number, folder: string, options: RealRedisOptions) {
    this.port = port;
    this.#folder = folder;
    this.#options = options;
  }

  /** Resolves once the server answers. */
  static async start(options: RealRedisOptions = {}): Promise<RealRedis> {
    const folder = await mkdtemp(join(tmpdir(), 'kubidu-redis-'));
    const redis = new RealRedis(options.port ?? (await freePort()), folder, options);
    try {
      await redis.#spawn();
    } catch (error) {
      await redis[Symbol.asyncDispose]();
      throw error;
    }
    return redis;
  }

  /** `redis://127.0.0.1:<port>` */
  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Runs one command with redis-cli and gives what it prints. */
  async cli(...command: readonly (string | number)[]): Promise<string> {
    const { stdout } = await run('redis-cli', ['-p', String(this.port), ...command.map(String)]);
    return stdout.trim();
  }

  /** Kills the server with SIGKILL and resolves when it is gone. Its files stay. */
  async kill9(): Promise<void> {
    const leash = this.#leash;
    if (!leash) return;
    this.#leash = undefined;
    process.kill(this.#pid, 'SIGKILL');
    leash.stdin?.end();
    if (leash.exitCode === null) await once(leash, 'exit');
  }

  /** Starts the server again on the same port, killed or not; with `wipe`, without its data. */
  async restart({ wipe = false }: { readonly wipe?: boolean } = {}): Promise<void> {
    await this.kill9();
    if (wipe)
      for (const name of await readdir(this.#folder))
        await rm(join(this.#folder, name), { recursive: true, force: true });
    await this.#spawn();
  }

  /** Stops the process where it is (SIGSTOP): connections stay, nothing answers. */
  freeze(): void {
    process.kill(this.#pid, 'SIGSTOP');
  }

  /** Lets a frozen server go on. */
  thaw(): void {
    process.kill(this.#pid, 'SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill9();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #spawn(): Promise<void> {
    const { appendOnly = false, settings = [] } = this.#options;
    const server = [
      ...['redis-server', '--bind', '127.0.0.1', '--port', String(this.port), '--dir', this.#folder],
      ...['--save', '', '--appendonly', appendOnly ? 'yes' : 'no', ...settings],
    ];
    const leash = spawn('sh', ['-c', LEASHED, 'sh', ...server], { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#leash = leash;
    const [printed] = (await once(leash.stdout, 'data')) as [Buffer];
    this.#pid = Number(printed.toString().trim());
    // Answers LOADING until the append-only file is read; and where the port was taken, it is another that answers.
    await eventually(async () => {
      if ((await this.cli('ping')) !== 'PONG') return false;
      return (await this.cli('info', 'server')).includes(`process_id:${this.#pid}\r`);
    });
  }
}
