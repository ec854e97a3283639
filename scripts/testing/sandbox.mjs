import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { end, processesMarked } from './leftovers.mjs';

const MARK = 'KUBIDU_TEST_RUN';

/** What one run of a suite may leave behind, which is nothing: its folder for temporary files and its processes. */
export class Sandbox {
  #id = randomBytes(4).toString('hex');
  #folder = mkdtempSync(path.join(os.tmpdir(), 'kubidu-test-'));
  #temporary = path.join(this.#folder, 'tmp');
  /** Where jest writes its results. */ report = path.join(this.#folder, 'report.json');

  constructor() {
    mkdirSync(this.#temporary);
  }

  /** For every process of the suites: marks it, and gives it the folder for its temporary files. */
  get env() {
    return { [MARK]: this.#id, TMPDIR: this.#temporary };
  }

  /**
   * Ends and removes what the tests left since the last time.
   * @param {readonly string[]} daemons the folders that the daemons of the cluster and of Docker name, which stay
   * @param {{ graceMs?: number }} [options] how long a process may take to end after the one that it served
   * @returns {Promise<string[]>} each of them, in words
   */
  async sweep(daemons, { graceMs = 3_000 } = {}) {
    const processes = await this.#lasting(daemons, graceMs);
    for (const { pid } of processes) end(pid);
    const files = readdirSync(this.#temporary);
    for (const name of files) rmSync(path.join(this.#temporary, name), { recursive: true, force: true });
    return [
      ...processes.map(({ pid, command }) => `process ${pid} was left: ${command}`),
      ...files.map((name) => `the temporary ${name} was left`),
    ];
  }

  /** @type {(daemons: readonly string[], graceMs: number) => Promise<{ pid: number, command: string }[]>} */
  async #lasting(daemons, graceMs) {
    const until = Date.now() + graceMs;
    for (;;) {
      const found = processesMarked(MARK, this.#id, { except: daemons });
      if (found.length === 0 || Date.now() >= until) return found;
      await sleep(100);
    }
  }

  /** Removes the folder. */
  remove() {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
