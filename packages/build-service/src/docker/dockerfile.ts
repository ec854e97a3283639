import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';

import { LogsError } from '@kubidu/core';
import type { ImageBuild } from '@kubidu/core';

/**
 * Where the Dockerfile of a build truly lies: within the context, whatever links there are in between.
 * @throws {LogsError} NOT_FOUND without a context or a Dockerfile, INVALID_ARGUMENT for one outside the context
 */
export async function dockerfileOf({ context, dockerfile }: ImageBuild): Promise<string> {
  const root = await realpath(context).catch(() => undefined); // not there: told below
  if (root === undefined || !(await stat(root)).isDirectory())
    throw new LogsError('NOT_FOUND', 'the folder to build is not there');
  if (isAbsolute(dockerfile) || !isWithin(root, resolve(root, dockerfile))) throw outside(dockerfile);
  const path = await realpath(resolve(root, dockerfile)).catch(() => undefined);
  if (path === undefined) throw new LogsError('NOT_FOUND', `there is no ${dockerfile} in the folder to build`);
  if (!isWithin(root, path)) throw outside(dockerfile);
  if (!(await stat(path)).isFile()) throw new LogsError('NOT_FOUND', `${dockerfile} is no file`);
  return path;
}

/** Whether a path lies below a folder, both absolute. */
function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function outside(dockerfile: string): LogsError {
  return new LogsError('INVALID_ARGUMENT', `the Dockerfile ${dockerfile} lies outside the folder to build`);
}
