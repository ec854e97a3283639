import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { root } from '../workspace/root.mjs';
import { lockMachine } from './machine-lock.mjs';
import { birthOf } from './leftovers.mjs';

/** Where the script that runs a cluster may lie when nobody says so: beside the checkout. */
const beside = path.resolve(root, path.join('..', 'shared', 'real', 'kubernetes'));
/** What the runs of this machine know of each other: who uses the cluster, and whether one of them started it. */
const register = path.join(os.tmpdir(), 'kubidu-cluster');
const startedByTests = path.join(register, 'started-by-tests');

/**
 * A real cluster for the suites. It has fixed ports, so a machine has one: a lock keeps runs apart, and the last run
 * that uses it takes it down, if a run brought it up.
 */
export class Cluster {
  /** @type {{ release(): Promise<void> } | undefined} */ #lock;
  #user = path.join(register, `${process.pid}-${birthOf(process.pid) ?? 0}`);
  /** @type {string | undefined} */ #kubeconfig = process.env.KUBECONFIG;
  /** @type {string | undefined} */ #script;
  #given = process.env.KUBECONFIG !== undefined && process.env.KUBECONFIG !== '';

  constructor() {
    const script = process.env.KUBIDU_CLUSTER_SCRIPT || (existsSync(beside) ? beside : undefined);
    this.#script = script === undefined ? undefined : path.resolve(script);
  }

  /**
   * Brings the cluster up or finds it up. Whatever comes of it, call {@link leave} at the end.
   * @param {AbortSignal} signal
   * @returns {Promise<string | undefined>} why there cannot be a cluster here
   * @throws {Error} when there could be, and it does not start
   */
  async join(signal) {
    if (!this.#given && this.#script === undefined) {
      return 'there is no cluster: KUBECONFIG is not set, and no script (KUBIDU_CLUSTER_SCRIPT) to start one';
    }
    if (!this.#given && process.getuid?.() !== 0) return 'starting a cluster takes root, and KUBECONFIG is not set';
    mkdirSync(register, { recursive: true });
    writeFileSync(this.#user, '');
    this.#lock = await lockMachine(`${register}.lock`, {
      signal,
      waiting: (owner) => process.stderr.write(`Waiting for the cluster, which has ${owner} …\n`),
    });
    if (this.#given) return undefined;
    if (!(await listens(6443))) {
      await this.#up(signal);
      return undefined;
    }
    // Somebody's, or what a run that was killed has left: `up` then changes nothing and says where it is.
    const kept = existsSync(startedByTests) ? readFileSync(startedByTests, 'utf8') : undefined;
    await this.#command('up', { signal });
    if (kept !== authorityOf(this.#kubeconfig)) rmSync(startedByTests, { force: true });
    return undefined;
  }

  /**
   * Looks whether tests may set how its kubelet rotates logs: only in a cluster that a run of ours brought up.
   * @returns {Promise<string | undefined>} why not
   */
  async rotation() {
    if (this.#given) return 'the rotation of logs is set in a cluster of our own, and this one was given by KUBECONFIG';
    if (!existsSync(startedByTests))
      return 'the rotation of logs is set in a cluster of our own, and this one was up before';
    return undefined;
  }

  /** What the suites need to know of it. */
  get env() {
    return {
      ...(this.#kubeconfig && { KUBECONFIG: this.#kubeconfig }),
      ...(this.#script && { KUBIDU_CLUSTER_SCRIPT: this.#script }),
    };
  }

  /** Whether tests can end and restart its components. */
  get canRestart() {
    return this.#script !== undefined;
  }

  /** The folder of the cluster's own state: processes that name it are the cluster's, not a test's. */
  get folder() {
    return this.#kubeconfig === undefined ? undefined : path.dirname(this.#kubeconfig);
  }

  /** Takes it down if a run of ours brought it up and nobody else uses it; gives the lock back. */
  async leave() {
    rmSync(this.#user, { force: true });
    if (this.#lock === undefined) return;
    if (existsSync(startedByTests) && this.#others().length === 0) {
      process.stderr.write('Taking the cluster down …\n');
      await this.#command('down');
      rmSync(startedByTests, { force: true });
    }
    await this.#lock.release();
    this.#lock = undefined;
  }

  /** @type {(signal: AbortSignal) => Promise<void>} */
  async #up(signal) {
    process.stderr.write('Starting a cluster …\n');
    writeFileSync(startedByTests, '');
    await this.#command('up', { signal });
    writeFileSync(startedByTests, authorityOf(this.#kubeconfig));
  }

  /**
   * Runs the script; what it prints is the kubeconfig's path.
   * @param {'up' | 'down'} verb
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<void>}
   * @throws {Error} when it fails
   */
  #command(verb, { signal } = {}) {
    const script = /** @type {string} */ (this.#script);
    return new Promise((resolve, reject) => {
      // Its own process group: Ctrl-C must not stop it half-way through taking the cluster down.
      const child = spawn(script, [verb], {
        env: { ...process.env, KUBECONFIG: undefined },
        stdio: ['ignore', 'pipe', 'inherit'],
        detached: true,
        signal,
      });
      let output = '';
      child.stdout.on('data', (chunk) => (output += String(chunk)));
      child.once('error', reject);
      child.once('close', (code) => {
        if (verb === 'up') this.#kubeconfig = output.trim().split('\n').at(-1) ?? '';
        if (code === 0) resolve();
        else reject(new Error(`${script} ${verb} ended with status ${code}`));
      });
    });
  }

  /** The other runs that use the cluster or wait for it. */
  #others() {
    return readdirSync(register)
      .map((name) => /^(\d+)-(\d+)$/.exec(name))
      .filter((found) => found !== null && birthOf(Number(found[1])) === Number(found[2]))
      .filter((found) => found?.[0] !== path.basename(this.#user));
  }
}

/** What makes a cluster this one: its certificate authority. @type {(kubeconfig: string | undefined) => string} */
function authorityOf(kubeconfig) {
  try {
    const file = /certificate-authority: ([^\s}]+)/.exec(readFileSync(kubeconfig ?? '', 'utf8'))?.[1];
    return readFileSync(file ?? '', 'utf8');
  } catch {
    return 'unknown';
  }
}

/** @type {(port: number) => Promise<boolean>} */
function listens(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
