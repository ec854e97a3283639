import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { writeAtomically } from './atomic-file.ts';
import { CliError, EXIT } from './exit.ts';

const NAME = '.kubidu.json';

/** The nearest `.kubidu.json` from `folder` upward, and the service it names. */
export function findProject(folder: string): { path: string; service: string } | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, NAME);
    const text = textOf(path);
    if (text !== undefined) return { path, service: serviceIn(path, text) };
    if (dirname(at) === at) return undefined;
  }
}

/** Links a folder to a service; keeps what else the file holds. Returns the file's path. */
export function linkProject(folder: string, service: string): string {
  const path = join(folder, NAME);
  const text = textOf(path);
  const held = text === undefined ? {} : contentOf(path, text);
  writeAtomically(path, `${JSON.stringify({ ...held, service }, null, 2)}\n`, 0o644);
  return path;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return undefined;
    throw new CliError(EXIT.usage, `cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

function contentOf(path: string, text: string): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return { ...content };
  } catch (error) {
    throw new CliError(EXIT.usage, `${path} is not JSON: ${(error as Error).message}`, { cause: error });
  }
  throw new CliError(EXIT.usage, `${path} must hold an object like { "service": "web" }`);
}

function serviceIn(path: string, text: string): string {
  const { service } = contentOf(path, text);
  if (typeof service === 'string') return service;
  throw new CliError(EXIT.usage, `${path} must name a service, like { "service": "web" }`);
}
