import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { LogsError } from '@kubidu/core';

/** Keeps a second process away from the files of the first. */
export class ProcessLock implements AsyncDisposable {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /**
   * Takes the lock; one that a dead process left is no obstacle. Processes that cannot see each other (two containers
   * on one volume) are not kept apart.
   * @throws {LogsError} UNAVAILABLE while another process, or this one, holds it; the system's error where it cannot be written
   */
  static async take(file: string): Promise<ProcessLock> {
    await mkdir(dirname(file), { recursive: true });
    const own = `${file}.${process.pid}.${randomUUID()}`;
    try {
      // Linked when it is written, so that nobody ever reads half of it.
      await writeFile(own, await lifeOf(process.pid));
      while (!(await isLinked(own, file))) await clearOrRefuse(file);
      return new ProcessLock(file);
    } finally {
      await rm(own, { force: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#file, { force: true });
  }
}

async function isLinked(own: string, file: string): Promise<boolean> {
  try {
    await link(own, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a lock whose process is dead. @throws {LogsError} UNAVAILABLE where it lives */
async function clearOrRefuse(file: string): Promise<void> {
  const holder = await contentOf(file);
  if (holder === undefined) return;
  const pid = Number(holder.split(' ')[0]);
  if (holder === (await lifeOf(pid)))
    throw new LogsError('UNAVAILABLE', `process ${pid} uses ${dirname(file)}: end it, or use another folder`);
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  // Somebody else may have cleared it and taken it in between: then it goes back.
  if ((await contentOf(aside)) !== holder) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

/** `<pid> <start>` while the process lives, '' after: a pid alone is given again. */
async function lifeOf(pid: number): Promise<string> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return '';
  }
  const stat = await contentOf(`/proc/${pid}/stat`);
  // The name, in parentheses, may hold anything; the start is the 20th field after it (proc(5)).
  return `${pid} ${stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 'unknown'}`;
}

async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
