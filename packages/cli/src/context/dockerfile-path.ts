import { existsSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';

import { CliError, EXIT } from '../exit.ts';

/**
 * Where the Dockerfile lies within the context, with slashes: as named from here, as with `docker build -f`, else as named
 * from the context. @throws CliError where there is none, or not within the context
 */
export function dockerfilePath(named: string | undefined, context: string, here: string): string {
  if (!existsSync(context)) throw new CliError(EXIT.usage, `there is no folder ${context}`);
  if (!statSync(context).isDirectory()) throw new CliError(EXIT.usage, `${context} is no folder`);
  const places =
    named === undefined ? [resolve(context, 'Dockerfile')] : [resolve(here, named), resolve(context, named)];
  const found = places.find((path) => existsSync(path) && statSync(path).isFile());
  if (found === undefined) {
    const what = named === undefined ? `a Dockerfile in ${context}; name another with -f` : `a file ${named}`;
    throw new CliError(EXIT.usage, `there is not ${what}`);
  }
  const path = relative(context, found);
  if (path.startsWith('..') || isAbsolute(path))
    throw new CliError(EXIT.usage, `the Dockerfile ${found} must lie within ${context}`);
  return path.split(sep).join('/');
}
