import { open, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { LogsError } from '@kubidu/core';
import type { BuildJob } from '@kubidu/core';

/** A job as it lies on disk. */
export interface JobFile {
  readonly job: BuildJob;
  /** Its place in the order. */
  readonly sequence: number;
  readonly starts: number;
  readonly deaths: number;
  readonly running: boolean;
  readonly cancelled: boolean;
}

const SEQUENCE_DIGITS = 12;

/** The jobs of a folder, a file each, named by their order. A file is written whole or not at all. */
export class JobFiles {
  readonly #path: string;
  /** One thing at a time, in the order in which it was asked for: what was removed is not written again. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** All of them in their order, without what a crash left half written. @throws {LogsError} UNAVAILABLE */
  async all(): Promise<JobFile[]> {
    return onDisk(async () => {
      await mkdir(this.#path, { recursive: true, mode: 0o700 });
      const names = (await readdir(this.#path)).sort();
      for (const name of names) if (name.endsWith('.new')) await rm(join(this.#path, name), { force: true });
      const jobs = names.filter((name) => name.endsWith('.json'));
      return Promise.all(
        jobs.map(async (name) => JSON.parse(await readFile(join(this.#path, name), 'utf8')) as JobFile),
      );
    });
  }

  /** Resolves once it would survive the machine. @throws {LogsError} UNAVAILABLE */
  async write(entry: JobFile): Promise<void> {
    const file = this.#fileOf(entry);
    await this.#inTurn(async () => {
      const written = await open(`${file}.new`, 'w', 0o600);
      try {
        await written.writeFile(JSON.stringify(entry));
        await written.sync();
      } finally {
        await written.close();
      }
      await rename(`${file}.new`, file);
      await this.#syncFolder();
    });
  }

  /** @throws {LogsError} UNAVAILABLE */
  async remove(entry: JobFile): Promise<void> {
    await this.#inTurn(async () => {
      await rm(this.#fileOf(entry), { force: true });
      await this.#syncFolder();
    });
  }

  #inTurn(call: () => Promise<void>): Promise<void> {
    const done = this.#last.then(() => onDisk(call));
    this.#last = done.catch(() => undefined); // told to whoever asked
    return done;
  }

  /** A new name is on disk once its folder is (fsync(2)). */
  async #syncFolder(): Promise<void> {
    const folder = await open(this.#path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  #fileOf({ sequence, job }: JobFile): string {
    return join(this.#path, `${String(sequence).padStart(SEQUENCE_DIGITS, '0')}-${job.deploymentId}.json`);
  }
}

async function onDisk<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw new LogsError('UNAVAILABLE', 'the queue on disk cannot be had', { cause });
  }
}
