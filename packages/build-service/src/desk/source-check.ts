import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';

import type { BuildSource } from '@kubidu/contracts';
import { LogsError } from '@kubidu/core';
import type { BuildUploads } from '@kubidu/core';

/** Which sources a desk takes. */
export interface SourceCheckOptions {
  /** Folders of the workers' machines below which `{ path }` may lie. */
  readonly allowedRoots: readonly string[];
  /** Whether the workers' machine is this one: then what is not there is refused at once. */
  readonly workersHere: boolean;
  readonly uploads: BuildUploads;
}

/**
 * Refuses a source that would fail anyway, for whoever asks to learn of it at once; the worker checks again.
 * @param tenant of the build @throws {LogsError} INVALID_ARGUMENT, UNAVAILABLE
 */
export async function checkSource(
  source: BuildSource,
  tenant: string | undefined,
  of: SourceCheckOptions,
): Promise<void> {
  if ('path' in source) await checkPath(source.path, of);
  else if ('upload' in source) {
    const found = await of.uploads.find(source.upload);
    // Somebody else's looks like none.
    if (!found || (found.tenant !== undefined && found.tenant !== tenant))
      throw refused('upload', `is none that is there: an upload is kept for a day, and until its build has ended`);
  }
}

async function checkPath(path: string, { allowedRoots, workersHere }: SourceCheckOptions): Promise<void> {
  if (allowedRoots.length === 0)
    throw refused('path', 'is not allowed here: send the folder itself (`kubidu deploy`), or set KUBIDU_BUILD_PATHS');
  if (!isAbsolute(path)) throw refused('path', 'must be absolute');
  const real = workersHere ? await realpath(path).catch(() => undefined) : undefined;
  const roots = workersHere ? await Promise.all(allowedRoots.map(realOrSame)) : allowedRoots;
  // Whether something is there outside the roots is nobody's business.
  if (!roots.some((root) => isBelow(root, real ?? resolve(path))))
    throw refused('path', 'lies in no folder of KUBIDU_BUILD_PATHS');
  if (!workersHere) return;
  if (real === undefined || !(await stat(real)).isDirectory()) throw refused('path', 'is no folder of this machine');
}

const realOrSame = (path: string) => realpath(path).catch(() => path);

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function refused(field: string, message: string): LogsError {
  return new LogsError('INVALID_ARGUMENT', `source.${field} ${message}`, {
    details: [{ field: `source.${field}`, message }],
  });
}
