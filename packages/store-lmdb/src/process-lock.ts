import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
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
   * @throws {LogsError} UNAVAILABLE while another process, or this one, holds it
   */
  static async take(file: string): Promise<ProcessLock> {
    await mkdir(dirname(file), { recursive: true });
    const own = await lifeOf(process.pid);
    for (;;) {
      try {
        await writeFile(file, own, { flag: 'wx' });
        return new ProcessLock(file);
      } catch (error) {
        if (codeOf(error) !== 'EEXIST')
          throw new LogsError('UNAVAILABLE', `${file} cannot be written`, { cause: error });
      }
      const holder = await contentOf(file);
      if (holder === undefined) continue;
      const pid = Number(holder.split(' ')[0]);
      // Empty: a process that is just taking it, or that died while it did.
      if (holder !== '' && holder === (await lifeOf(pid)))
        throw new LogsError('UNAVAILABLE', `process ${pid} uses ${dirname(file)}: end it, or use another folder`);
      await removeStale(file, holder);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#file, { force: true });
  }
}

/** Removes the lock if it is still the one with this content: somebody else may have taken it over meanwhile. */
async function removeStale(file: string, content: string): Promise<void> {
  const aside = `${file}.${process.pid}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  if ((await contentOf(aside)) === content) await rm(aside, { force: true });
  else await rename(aside, file);
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
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
