import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { CliError, EXIT } from '../exit.ts';
import type { IgnoreRules } from './ignore-rules.ts';

/** What of a folder goes into a build: relative paths with slashes, a folder before what is in it. */
export interface ContextFiles {
  readonly paths: readonly string[];
  /** How many of them are files. */
  readonly files: number;
  readonly bytes: number;
  /** The folders and files right below the context, the largest first. */
  readonly largest: readonly { readonly path: string; readonly bytes: number }[];
}

/**
 * Looks for everything that the rules leave in: files, folders (empty ones too) and symbolic links as they are. What is
 * none of them, like a socket, is not taken.
 */
export async function contextFiles(folder: string, rules: IgnoreRules, signal: AbortSignal): Promise<ContextFiles> {
  const walk = new Walk(folder, rules, signal);
  await walk.enter('');
  const largest = [...walk.sizes].map(([path, bytes]) => ({ path, bytes })).sort((a, b) => b.bytes - a.bytes);
  return { paths: walk.paths, files: walk.files, bytes: walk.bytes, largest };
}

class Walk {
  readonly paths: string[] = [];
  readonly sizes = new Map<string, number>();
  files = 0;
  bytes = 0;

  readonly #root: string;
  readonly #rules: IgnoreRules;
  readonly #signal: AbortSignal;

  constructor(root: string, rules: IgnoreRules, signal: AbortSignal) {
    this.#root = root;
    this.#rules = rules;
    this.#signal = signal;
  }

  async enter(path: string): Promise<void> {
    this.#signal.throwIfAborted();
    const entries = await readable(join(this.#root, path), (full) => readdir(full, { withFileTypes: true }));
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const below = path === '' ? entry.name : `${path}/${entry.name}`;
      const ignored = this.#rules.ignores(below);
      if (entry.isDirectory()) await this.#folder(below, ignored);
      else if (!ignored && entry.isFile()) await this.#file(below);
      else if (!ignored && entry.isSymbolicLink()) this.paths.push(below);
    }
  }

  async #folder(path: string, ignored: boolean): Promise<void> {
    if (ignored && !this.#rules.exceptions) return;
    const place = this.paths.length;
    await this.enter(path);
    // Of a folder that is left out, only what leads to an exception.
    if (!ignored || this.paths.length > place) this.paths.splice(place, 0, path);
  }

  async #file(path: string): Promise<void> {
    const { size } = await readable(join(this.#root, path), (full) => lstat(full));
    this.paths.push(path);
    this.files++;
    this.bytes += size;
    const top = path.split('/', 1)[0] as string;
    this.sizes.set(top, (this.sizes.get(top) ?? 0) + size);
  }
}

async function readable<T>(path: string, read: (path: string) => Promise<T>): Promise<T> {
  try {
    return await read(path);
  } catch (error) {
    throw new CliError(EXIT.usage, `cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}
