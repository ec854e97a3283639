import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ConfigError, givenOf, readSettings } from '@kubidu/build-service/settings';
import type { Environment } from '@kubidu/build-service/settings';
import type { z } from 'zod';

import { isLoopback } from './loopback.ts';
import { LATER, OTHER_PREFIXES, OTHERS, SECRETS, SETTINGS } from './settings.ts';
import type { Role } from './settings.ts';

export { ConfigError };

/** The settings as read, by their own names. */
type Settings = z.output<z.ZodObject<typeof SETTINGS>>;

/** Where archived entries are kept. */
export type ArchivePlace =
  | { readonly in: 's3'; readonly bucket: string; readonly endpoint?: string; readonly region?: string }
  /** An absolute path. */
  | { readonly in: 'folder'; readonly path: string };

/** What the server runs with: every setting, and what follows from them. */
export interface Config extends Omit<Settings, 'KUBIDU_ROLES'> {
  readonly KUBIDU_ROLES: readonly Role[];
  /** Whether tokens are asked for. */
  readonly authentication: boolean;
  readonly access: 'allow' | 'claims';
  /** Absolute path, or undefined where no processes are run. */
  readonly procfile: string | undefined;
  /** Replicas of its processes, like `web=3,worker=1`; undefined for one of each. */
  readonly formation: string | undefined;
  /** Where what leaves the store goes; undefined for nowhere: it is gone then. */
  readonly archive: ArchivePlace | undefined;
  /** Neither Redis nor Kubernetes: one process on somebody's machine. */
  readonly embedded: boolean;
}

/** A configuration, and what is odd about it without being wrong. */
export interface Loaded {
  readonly config: Config;
  readonly warnings: readonly string[];
}

/** Tokens shorter than this many characters are worth a warning. */
const GUESSABLE = 16;
/** What is run where nothing is asked for, wherever the server is started from; a package by itself comes without. */
const SAMPLE_PROCFILE = fileURLToPath(new URL('../../../../../samples/Procfile', import.meta.url));
const SAMPLE_FORMATION = 'web=3';

/**
 * Reads the configuration from an environment; relative paths in it count from `cwd`.
 * @throws {ConfigError} with every mistake
 */
export function loadConfig(environment: Environment, cwd = process.cwd()): Loaded {
  const given = givenOf(environment);
  const settings = readSettings(SETTINGS, given, SECRETS, later(given));
  const config = derive(settings, cwd, given['KUBIDU_DATA_DIR'] !== undefined);
  const mistakes = [...later(given), ...contradictions(config)];
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return { config, warnings: [...unknown(given), ...oddities(config)] };
}

function derive(settings: Settings, cwd: string, hasFolder: boolean): Config {
  const authentication = settings.KUBIDU_JWT_SECRET !== undefined;
  const embedded = settings.KUBIDU_REDIS_URL === undefined && settings.KUBIDU_KUBERNETES === 'off';
  return {
    ...settings,
    KUBIDU_DATA_DIR: resolve(cwd, settings.KUBIDU_DATA_DIR),
    KUBIDU_ROLES: settings.KUBIDU_ROLES ?? defaultRoles(settings),
    archive: archivePlace(settings, cwd, hasFolder),
    authentication,
    access: settings.KUBIDU_ACCESS ?? (authentication ? 'claims' : 'allow'),
    embedded,
    ...processes(settings, embedded, cwd),
  };
}

/** Without Redis there is nobody else to build. */
function defaultRoles({ KUBIDU_REDIS_URL }: Settings): readonly Role[] {
  const roles: readonly Role[] = ['gateway', 'collector', 'archiver'];
  return KUBIDU_REDIS_URL === undefined ? [...roles, 'builder'] : roles;
}

/** With Redis a folder is an archive only where somebody chose it: replicas have to have it in common, and containers none. */
function archivePlace(settings: Settings, cwd: string, hasFolder: boolean): ArchivePlace | undefined {
  const { KUBIDU_S3_BUCKET: bucket, KUBIDU_S3_ENDPOINT: endpoint, KUBIDU_S3_REGION: region } = settings;
  if (bucket !== undefined)
    return { in: 's3', bucket, ...(endpoint !== undefined && { endpoint }), ...(region !== undefined && { region }) };
  if (settings.KUBIDU_REDIS_URL !== undefined && !hasFolder) return undefined;
  return { in: 'folder', path: resolve(cwd, settings.KUBIDU_DATA_DIR, 'archive') };
}

function processes(settings: Settings, embedded: boolean, cwd: string): Pick<Config, 'procfile' | 'formation'> {
  const { KUBIDU_PROCFILE: asked, KUBIDU_FORMATION: formation } = settings;
  if (asked !== undefined) return { procfile: asked === 'off' ? undefined : resolve(cwd, asked), formation };
  if (!embedded || !existsSync(SAMPLE_PROCFILE)) return { procfile: undefined, formation };
  return { procfile: SAMPLE_PROCFILE, formation: formation ?? SAMPLE_FORMATION };
}

function contradictions(config: Config): string[] {
  const found: string[] = [];
  if (!config.authentication && !isLoopback(config.HOST))
    found.push(
      `HOST=${config.HOST}: without authentication the server listens on a loopback address only; set KUBIDU_JWT_SECRET or HOST=127.0.0.1`,
    );
  if (!config.authentication && config.KUBIDU_ACCESS === 'claims')
    found.push('KUBIDU_ACCESS=claims: needs tokens; set KUBIDU_JWT_SECRET');
  if (config.procfile !== undefined && !existsSync(config.procfile))
    found.push(`KUBIDU_PROCFILE: there is no file ${config.procfile}`);
  return found;
}

function oddities(config: Config): string[] {
  const found: string[] = [];
  if (!config.authentication && (config.KUBIDU_JWT_ISSUER ?? config.KUBIDU_JWT_AUDIENCE) !== undefined)
    found.push('KUBIDU_JWT_ISSUER and KUBIDU_JWT_AUDIENCE do nothing without KUBIDU_JWT_SECRET');
  for (const name of ['KUBIDU_INGEST_TOKEN', 'KUBIDU_METRICS_TOKEN'] as const)
    if ((config[name]?.length ?? GUESSABLE) < GUESSABLE) found.push(`${name} is short enough to be guessed`);
  if (config.KUBIDU_S3_BUCKET === undefined && (config.KUBIDU_S3_ENDPOINT ?? config.KUBIDU_S3_REGION) !== undefined)
    found.push('KUBIDU_S3_ENDPOINT and KUBIDU_S3_REGION do nothing without KUBIDU_S3_BUCKET');
  if (config.KUBIDU_FORMATION && config.procfile === undefined)
    found.push('KUBIDU_FORMATION does nothing without a Procfile');
  return found;
}

function later(given: Environment): string[] {
  return LATER.filter((name) => given[name] !== undefined).map((name) => `${name}: not supported in this version`);
}

/** Most likely typing errors. */
function unknown(given: Environment): string[] {
  const known = new Set<string>([...Object.keys(SETTINGS), ...OTHERS]);
  return Object.keys(given)
    .filter((name) => name.startsWith('KUBIDU_') && !known.has(name))
    .filter((name) => !OTHER_PREFIXES.some((prefix) => name.startsWith(prefix)))
    .map((name) => `${name} is not a setting`);
}
