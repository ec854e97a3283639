import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';

import { LogsError } from '@kubidu/core';

/**
 * Where a folder truly lies, whatever links lead to it: below one of the roots, or one of them.
 * @throws {LogsError} INVALID_ARGUMENT where it may not be built, NOT_FOUND where there is none
 */
export async function allowedFolder(path: string, roots: readonly string[]): Promise<string> {
  if (!isAbsolute(path)) throw new LogsError('INVALID_ARGUMENT', 'the path of a source must be absolute');
  const folder = await realpath(path).catch(() => undefined);
  const allowed = await Promise.all(roots.map((root) => realpath(root).catch(() => undefined)));
  // Whether something is there outside the roots is nobody's business.
  if (!allowed.some((root) => root !== undefined && isBelow(root, folder ?? path)))
    throw new LogsError('INVALID_ARGUMENT', `${path} may not be built here: it lies in no folder that is allowed`);
  if (folder === undefined || !(await stat(folder)).isDirectory())
    throw new LogsError('NOT_FOUND', `there is no folder ${path} on the machine that builds`);
  return folder;
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
