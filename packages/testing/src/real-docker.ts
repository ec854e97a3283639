import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { eventually } from './eventually.ts';
import { ServerScript } from './server-script.ts';

const run = promisify(execFile);
const MOST_OUTPUT = 64 * 1024 * 1024;
/** The most that BuildKit can read as its limits to what a step writes, in bytes and bytes a second. */
const UNCLIPPED = { BUILDKIT_STEP_LOG_MAX_SIZE: '2147483647', BUILDKIT_STEP_LOG_MAX_SPEED: '2147483647' };

/** What a client of an engine needs in its environment. */
export type DockerEnvironment = Readonly<{ DOCKER_HOST: string; DOCKER_CONFIG?: string }>;

/** What an engine of a test's own is made of. */
interface OwnEngine {
  readonly script: ServerScript;
  readonly folder: string;
}

/** A Docker engine with BuildKit. What a test makes with it, by the names it gives out, goes when it is disposed of. */
export class RealDocker implements AsyncDisposable {
  /** For programs that are to use this engine. */
  readonly env: DockerEnvironment;
  readonly #id = `test-${randomBytes(4).toString('hex')}`;
  readonly #own: OwnEngine | undefined;
  readonly #images: string[] = [];

  private constructor(env: DockerEnvironment, own?: OwnEngine) {
    this.env = env;
    this.#own = own;
  }

  /**
   * The engine of the environment (`DOCKER_HOST`), which others may use at the same time. One that was not started by
   * `npm test` may cut what a step of a build writes after 2 MiB, as BuildKit does by default.
   */
  static open(): RealDocker {
    const { DOCKER_HOST, DOCKER_CONFIG } = process.env;
    if (!DOCKER_HOST) throw new Error('DOCKER_HOST names no engine');
    return new RealDocker({ DOCKER_HOST, ...(DOCKER_CONFIG && { DOCKER_CONFIG }) });
  }

  /**
   * An engine of the test's own, for what others must not notice, like its end; takes a second or two, and root.
   * The script is `KUBIDU_DOCKER_SCRIPT`, or the one beside the checkout.
   */
  static async start(): Promise<RealDocker> {
    const own = {
      script: ServerScript.find('KUBIDU_DOCKER_SCRIPT', 'docker'),
      folder: await mkdtemp(join(process.env['KUBIDU_DOCKER_FOLDER'] || tmpdir(), 'docker-')),
    };
    try {
      return new RealDocker(await up(own), own);
    } catch (error) {
      await down(own);
      throw error;
    }
  }

  /** Runs the command `docker`; resolves with what it printed on its standard output, rejects when it fails. */
  async docker(...args: readonly string[]): Promise<string> {
    return (await this.both(...args)).stdout;
  }

  /** Like {@link docker}, with both outputs: builds report on their standard error. */
  async both(...args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
    return run('docker', args, { maxBuffer: MOST_OUTPUT, env: { ...process.env, ...this.env } });
  }

  /** A name for an image that nobody has: in a registry by its address, else only for this engine. */
  image(registry = 'kubidu.test'): string {
    const name = `${registry}/${this.#id}-${this.#images.length + 1}:1`;
    this.#images.push(name);
    return name;
  }

  /** Ends an engine of the test's own with SIGKILL and resolves when it is gone; what it started goes on. */
  async kill9(): Promise<void> {
    if (this.#own === undefined) throw new Error('only an engine that a test has started is killed by it');
    const pid = await pidOf(this.#own);
    process.kill(pid, 'SIGKILL');
    await eventually(() => !isAlive(pid));
    // The next would take what became of this process for its predecessor that still runs.
    await rm(join(this.#own.folder, 'docker', 'run', 'engine.pid'));
  }

  /** Starts it again after {@link kill9}. */
  async restart(): Promise<void> {
    if (this.#own === undefined) throw new Error('only an engine that a test has started is started again by it');
    await up(this.#own);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#own !== undefined) return down(this.#own);
    const there = (await this.docker('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}')).split('\n');
    for (const image of this.#images.filter((name) => there.includes(name))) {
      const containers = (await this.docker('ps', '--all', '--quiet', '--filter', `ancestor=${image}`)).split('\n');
      const ids = containers.filter((id) => id !== '');
      if (ids.length > 0) await this.docker('rm', '--force', '--volumes', ...ids);
      await this.docker('image', 'rm', '--force', image);
    }
  }
}

async function up({ script, folder }: OwnEngine): Promise<DockerEnvironment> {
  const said = await script.run('up', folder, UNCLIPPED);
  const [, host, config] = /DOCKER_HOST=(\S+) DOCKER_CONFIG=(\S+)/.exec(said) ?? [];
  if (host === undefined || config === undefined) throw new Error(`${script.path} up: names no engine`);
  return { DOCKER_HOST: host, DOCKER_CONFIG: config };
}

/** Starts it again first where it was killed: only an engine that runs ends its containers and its containerd. */
async function down(own: OwnEngine): Promise<void> {
  await up(own);
  for (const pid of await processesIn(own.folder)) process.kill(pid, 'SIGKILL');
  await own.script.run('down', own.folder);
  await rm(own.folder, { recursive: true, force: true });
}

async function pidOf({ folder }: OwnEngine): Promise<number> {
  return Number((await readFile(join(folder, 'docker', 'run', 'dockerd.pid'), 'utf8')).split(' ')[0]);
}

/** Of containers, and of steps of builds, which go on without an engine that was killed: by where their root lies. */
async function processesIn(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const mounts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => '')));
  const isRoot = (mount: string): boolean => mount.includes(' / / ') && mount.includes(`${folder}/`);
  return pids.filter((_, at) => mounts[at]?.split('\n').some(isRoot));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
