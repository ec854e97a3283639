import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isGone, ownerOf, ownFolders } from './folder-owner.ts';

/**
 * A folder of its own that only we can read. Whoever creates it disposes of it; where its process is killed, the next
 * worker on the machine removes it.
 */
export class TemporaryFolder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(purpose: 'source' | 'build', place = tmpdir()): Promise<TemporaryFolder> {
    const { host, pid, born } = ownFolders();
    return new TemporaryFolder(await mkdtemp(join(place, `kubidu-${purpose}-${host}-${pid}-${born}-`)));
  }

  /** Removes what processes left that are gone, and nothing of those that live. Never rejects: it is tidying. */
  static async sweep(place = tmpdir()): Promise<void> {
    const names = await readdir(place).catch(() => []);
    for (const name of names) {
      const owner = ownerOf(name);
      // What cannot be removed now is tried again by whoever starts next.
      if (owner && isGone(owner)) await removeAll(join(place, name)).catch(() => undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeAll(this.path);
  }
}

async function removeAll(path: string): Promise<void> {
  try {
    await remove(path);
  } catch {
    // Somebody made folders in it that cannot be entered.
    await open(path);
    await remove(path);
  }
}

const remove = (path: string) => rm(path, { recursive: true, force: true, maxRetries: 3 });

async function open(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await open(join(folder, entry.name));
}
