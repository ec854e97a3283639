import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Environment } from './environment.ts';
import { CliError, EXIT } from './exit.ts';

/** Build arguments as `docker build` takes them: `NAME=value`, or `NAME` for the environment's. */
export function buildArgs(given: readonly string[], env: Environment): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const equals = text.indexOf('=');
      const name = equals < 0 ? text : text.slice(0, equals);
      if (!isName(name)) throw new CliError(EXIT.usage, `--build-arg must be like NAME=value: ${text.slice(0, 80)}`);
      if (equals >= 0) return [name, text.slice(equals + 1)];
      return [name, fromEnvironment(name, env, `--build-arg ${name}`)];
    }),
  );
}

/**
 * Build secrets as `docker build` takes them, `id=NAME,src=FILE` or `id=NAME,env=VARIABLE`; with the id alone, the variable
 * of that name. A value itself never stands in arguments, which everybody on this machine can see.
 */
export function buildSecrets(given: readonly string[], env: Environment, folder: string): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const { id, src, env: variable } = fieldsOf(text);
      if (id === undefined || !isName(id) || (src !== undefined && variable !== undefined))
        throw new CliError(EXIT.usage, '--secret must be like id=NAME, id=NAME,env=VARIABLE or id=NAME,src=FILE');
      const value =
        src === undefined ? fromEnvironment(variable ?? id, env, `--secret ${id}`) : fromFile(src, folder, id);
      if (value === '') throw new CliError(EXIT.usage, `--secret ${id} is empty`);
      return [id, value];
    }),
  );
}

interface SecretFields {
  id?: string;
  src?: string;
  env?: string;
}

function fieldsOf(text: string): SecretFields {
  const fields: Record<string, string> = {};
  for (const field of text.split(',')) {
    const [key = '', ...value] = field.split('=');
    const name = ['source', 'file'].includes(key) ? 'src' : key;
    // The key only: what stands behind it may be the secret itself, given by mistake.
    if (!['id', 'src', 'env', 'type'].includes(name) || value.length === 0)
      throw new CliError(EXIT.usage, `--secret has no field ${JSON.stringify(key.slice(0, 20))}: id, env and src`);
    fields[name] = value.join('=');
  }
  return fields;
}

function fromEnvironment(name: string, env: Environment, whose: string): string {
  const value = env[name];
  if (value === undefined) throw new CliError(EXIT.usage, `${whose}: the variable ${name} is not set`);
  return value;
}

function fromFile(path: string, folder: string, id: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(resolve(folder, path)));
  } catch (error) {
    const why = error instanceof TypeError ? 'it is no UTF-8 text' : (error as Error).message;
    throw new CliError(EXIT.usage, `--secret ${id}: cannot read ${path}: ${why}`, { cause: error });
  }
}

function isName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/.test(text);
}
