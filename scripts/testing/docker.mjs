import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { execFile, spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { root } from '../workspace/root.mjs';
import { birthOf, end, processesOf } from './leftovers.mjs';
import { lockMachine } from './machine-lock.mjs';

const run = promisify(execFile);

/** Where the scripts that run an engine and a registry may lie when nobody says so: beside the checkout. */
const beside = path.resolve(root, path.join('..', 'shared', 'real'));
/** Not the system's folder for temporary files: under a long name its sockets' paths would not fit (108 bytes). */
const TEMPORARY = '/tmp';
const PREFIX = 'kubidu-docker-';
/**
 * Otherwise BuildKit cuts what a step writes, after 2 MiB or beyond 200 KiB/s. This is the most that it can read; -1,
 * which newer ones take for no limit, makes the one of Docker 20.10 cut everything.
 */
const UNCLIPPED = { BUILDKIT_STEP_LOG_MAX_SIZE: '2147483647', BUILDKIT_STEP_LOG_MAX_SPEED: '2147483647' };

/** A real Docker engine for the suites: the one of DOCKER_HOST, or one of this run's own, which goes with the run. */
export class Docker {
  #given = Boolean(process.env.DOCKER_HOST);
  #folder = path.join(TEMPORARY, `${PREFIX}${process.pid}-${birthOf(process.pid) ?? 0}`);
  /** Where the state of the engines is that tests start. */ #owned = path.join(this.#folder, 'own');
  #script = scriptOf('KUBIDU_DOCKER_SCRIPT', 'docker');
  #registry = scriptOf('KUBIDU_REGISTRY_SCRIPT', 'registry');
  /** What `up` says that a client needs. @type {Record<string, string>} */ #client = {};

  /**
   * Brings an engine up, or takes the one that is given. Whatever comes of it, call {@link leave} at the end.
   * @param {AbortSignal} signal
   * @returns {Promise<string | undefined>} why there cannot be an engine here
   * @throws {Error} when there could be, and it does not start
   */
  async join(signal) {
    if (this.#given) return undefined;
    if (this.#script === undefined) {
      return 'there is no Docker engine: DOCKER_HOST is not set, and no script (KUBIDU_DOCKER_SCRIPT) to start one';
    }
    if (process.getuid?.() !== 0) return 'starting a Docker engine takes root, and DOCKER_HOST is not set';
    // The first that starts may have to install Docker, which two cannot do at once.
    const lock = await lockMachine(path.join(TEMPORARY, 'kubidu-docker.lock'), {
      signal,
      waiting: (owner) => process.stderr.write(`Waiting for ${owner} to start a Docker engine …\n`),
    });
    try {
      for (const folder of abandoned()) await this.#remove(folder);
      process.stderr.write('Starting a Docker engine …\n');
      mkdirSync(this.#owned, { recursive: true });
      this.#client = exportsIn(await this.#command('up', this.#folder, signal));
    } finally {
      await lock?.release();
    }
    return undefined;
  }

  /** What the suites need to know of it. */
  get env() {
    return {
      ...this.#client,
      ...(existsSync(this.#owned) && { KUBIDU_DOCKER_FOLDER: this.#owned }),
      ...(this.#script && { KUBIDU_DOCKER_SCRIPT: this.#script }),
      ...(this.#registry && { KUBIDU_REGISTRY_SCRIPT: this.#registry }),
    };
  }

  /** Whether tests can start a registry. */
  get hasRegistry() {
    return this.#registry !== undefined;
  }

  /** What the engine's own processes name, which are not a test's. Not more: docker's plugins lie beside it. */
  get folder() {
    return path.join(this.#folder, 'docker', 'exec');
  }

  /**
   * Ends and removes what the tests left in an engine of our own; a given one may have other users.
   * @returns {Promise<string[]>} each of them, in words
   */
  async sweep() {
    if (this.#client.DOCKER_HOST === undefined) return [];
    const env = { ...process.env, ...this.#client };
    const { stdout } = await run('docker', ['ps', '--all', '--format', '{{.ID}} {{.Names}}: {{.Command}}'], { env });
    const containers = stdout.split('\n').filter((line) => line !== '');
    if (containers.length > 0)
      await run('docker', ['rm', '--force', '--volumes', ...containers.map((line) => line.slice(0, 12))], { env });
    // What RUN runs is no container to `docker ps`: BuildKit starts it by itself.
    const steps = processesOf(path.join(this.#folder, 'docker', 'data', 'overlay2'));
    for (const { pid } of steps) end(pid);
    const engines = foldersIn(this.#owned);
    for (const engine of engines) await this.#remove(engine);
    return [
      ...containers.map((line) => `container ${line} was left`),
      ...steps.map(({ pid, command }) => `process ${pid} of a build was left: ${command.slice(0, 160)}`),
      ...engines.map((engine) => `the Docker engine ${path.basename(engine)} was left`),
    ];
  }

  /** Takes the engine down if it is our own. */
  async leave() {
    if (this.#given || !existsSync(this.#folder)) return;
    process.stderr.write('Taking the Docker engine down …\n');
    await this.#remove(this.#folder);
  }

  /**
   * Ends the engine whose state is in the folder, those that tests started first, and removes the folder.
   * @param {string} folder
   * @returns {Promise<void>}
   */
  async #remove(folder) {
    for (const own of foldersIn(path.join(folder, 'own'))) await this.#remove(own);
    await this.#command('down', folder).catch(async () => {
      // The engine was killed: it does not end what it started, and the script would ask it through its socket.
      for (const { pid } of processesOf(`${folder}/`)) end(pid);
      rmSync(path.join(folder, 'docker', 'docker.sock'), { force: true });
      while (processesOf(`${folder}/`).length > 0) await sleep(20);
      await this.#command('down', folder);
    });
    rmSync(folder, { recursive: true, force: true });
  }

  /**
   * Runs the script.
   * @param {'up' | 'down'} verb
   * @param {string} folder where all of the engine's state is
   * @param {AbortSignal} [signal]
   * @returns {Promise<string>} what it printed
   * @throws {Error} when it fails
   */
  #command(verb, folder, signal) {
    const script = /** @type {string} */ (this.#script);
    return new Promise((resolve, reject) => {
      // Its own process group: Ctrl-C must not stop it half-way through taking the engine down.
      const child = spawn(script, [verb], {
        env: { ...process.env, ...UNCLIPPED, REAL_DIR: folder },
        stdio: ['ignore', 'pipe', 'inherit'],
        detached: true,
        signal,
      });
      let output = '';
      child.stdout.on('data', (chunk) => (output += String(chunk)));
      child.once('error', reject);
      child.once('close', (code) => {
        if (code === 0) resolve(output);
        else reject(new Error(`${script} ${verb} ended with status ${code}`));
      });
    });
  }
}

/** @type {(variable: string, name: string) => string | undefined} */
function scriptOf(variable, name) {
  const given = process.env[variable];
  if (given) return path.resolve(given);
  const found = path.join(beside, name);
  return existsSync(found) ? found : undefined;
}

/** @type {(folder: string) => string[]} */
const foldersIn = (folder) => (existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : []);

/** The folders of engines whose runs were killed. */
function abandoned() {
  return readdirSync(TEMPORARY)
    .map((name) => new RegExp(`^${PREFIX}(\\d+)-(\\d+)$`).exec(name))
    .filter((found) => found !== null && birthOf(Number(found[1])) !== Number(found[2]))
    .map((found) => path.join(TEMPORARY, found?.[0] ?? ''));
}

/**
 * The variables in lines of shell like `export A=b C=d`.
 * @param {string} text
 * @returns {Record<string, string>}
 */
export function exportsIn(text) {
  const words = text.split('\n').flatMap((line) => (line.startsWith('export ') ? line.slice(7).split(' ') : []));
  return Object.fromEntries(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]));
}
