import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import dockerignore from '@balena/dockerignore';

import { CliError, EXIT } from '../exit.ts';

/** What a `.dockerignore` leaves out of a context. */
export interface IgnoreRules {
  /** Whether this path, relative and with slashes, is left out. */
  ignores(path: string): boolean;
  /** Whether something within a folder that is left out may be taken in again. */
  readonly exceptions: boolean;
}

/**
 * Reads the rules as `docker build` does: those beside the Dockerfile (`<Dockerfile>.dockerignore`), else those of the
 * context. Never left out are the Dockerfile and the rules themselves: the builder needs them.
 */
export async function ignoreRules(folder: string, dockerfile: string): Promise<IgnoreRules> {
  const own = `${dockerfile}.dockerignore`;
  const text = (await textOf(join(folder, own))) ?? (await textOf(join(folder, '.dockerignore'))) ?? '';
  const rules = dockerignore.default({ ignorecase: false }).add(text);
  const needed = new Set([dockerfile, own, '.dockerignore']);
  const exceptions = /^\s*!/m.test(text) || [dockerfile, own].some((path) => path.includes('/') && rules.ignores(path));
  return { ignores: (path) => !needed.has(path) && rules.ignores(path), exceptions };
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new CliError(EXIT.usage, `cannot read ${path}: ${message}`, { cause: error });
  }
}
