import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';

import { LogsError } from '@kubidu/core';
import type { ArchiveObjects, ByteRange, ListedObject } from '@kubidu/core';

/** What is being written; a process that dies leaves it, and a day later it is removed. */
const UNFINISHED = /\.[0-9a-f-]{36}\.part$/;
const UNFINISHED_MS = 86_400_000;

/** Objects as files. What was written survives the death of the process and of the machine. */
export class DiskObjects implements ArchiveObjects {
  readonly #root: string;

  /** @param root a folder that exists */
  constructor(root: string) {
    this.#root = root;
  }

  /** Written aside, then linked under its name: a name stands for a whole file, and is given once. */
  put(name: string, content: Uint8Array): Promise<void> {
    return guarded(async () => {
      const path = this.#pathOf(name);
      const aside = `${path}.${randomUUID()}.part`;
      for (;;) {
        await mkdir(dirname(path), { recursive: true });
        try {
          await writeDurably(aside, content);
          await link(aside, path);
          await syncFolder(dirname(path));
          return;
        } catch (error) {
          if (codeOf(error) === 'EEXIST') return;
          // A sweep removed the empty folder in between.
          if (codeOf(error) !== 'ENOENT') throw error;
        } finally {
          await rm(aside, { force: true });
        }
      }
    });
  }

  get(name: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    return guarded(async () => {
      if (!range) return absent(readFile(this.#pathOf(name)));
      const file = await absent(open(this.#pathOf(name)));
      if (!file) return undefined;
      try {
        const bytes = Buffer.alloc(range.length);
        const { bytesRead } = await file.read(bytes, 0, range.length, range.offset);
        return bytes.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    });
  }

  list(prefix: string): Promise<ListedObject[]> {
    return guarded(async () => {
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      const found = (await absent(readdir(this.#pathOf(folder), { recursive: true, withFileTypes: true }))) ?? [];
      const names = found
        .filter((entry) => entry.isFile())
        .map((entry) =>
          join(entry.parentPath, entry.name)
            .slice(this.#root.length + 1)
            .split(sep)
            .join('/'),
        )
        .filter((name) => name.startsWith(prefix))
        .sort();
      const listed: ListedObject[] = [];
      for (const name of names) {
        const file = await absent(stat(this.#pathOf(name)));
        if (!file) continue;
        if (!UNFINISHED.test(name)) listed.push({ name, size: file.size, writtenAt: file.mtimeMs });
        else if (file.mtimeMs < Date.now() - UNFINISHED_MS) await rm(this.#pathOf(name), { force: true });
      }
      return listed;
    });
  }

  folders(prefix: string, most = Infinity): Promise<string[]> {
    return guarded(async () => {
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      const beginning = prefix.slice(folder.length);
      const found = (await absent(readdir(this.#pathOf(folder), { withFileTypes: true }))) ?? [];
      return found
        .filter((entry) => entry.isDirectory() && entry.name.startsWith(beginning))
        .map(({ name }) => `${name.slice(beginning.length)}/`)
        .sort()
        .slice(0, most);
    });
  }

  remove(names: readonly string[]): Promise<void> {
    return guarded(async () => {
      for (const name of names) await rm(this.#pathOf(name), { force: true });
      for (const name of new Set(names.map((each) => dirname(each)))) await this.#removeEmpty(name);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  /** The folder and those above it, up to one in which something is. */
  async #removeEmpty(folder: string): Promise<void> {
    try {
      for (let each = folder; each !== '.'; each = dirname(each)) await rmdir(this.#pathOf(each));
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(String(codeOf(error)))) throw error;
    }
  }

  #pathOf(name: string): string {
    const path = join(this.#root, name);
    if (!path.startsWith(`${this.#root}${sep}`)) throw new LogsError('INTERNAL', `${name} is no name of an object`);
    return path;
  }
}

async function writeDurably(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Undefined for what is not there. */
async function absent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof LogsError) throw cause;
    throw new LogsError('UNAVAILABLE', 'the archive on disk cannot be read or written', { cause });
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
