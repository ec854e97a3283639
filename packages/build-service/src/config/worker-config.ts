import { resolve } from 'node:path';

import { BUILD_SECRETS, BUILD_SETTINGS, ConfigError, givenOf, readSettings, SHARED_SETTINGS } from './settings.ts';
import type { BuildSettings, Environment } from './settings.ts';

const SECRETS = ['KUBIDU_REDIS_URL', 'KUBIDU_JWT_SECRET', 'KUBIDU_MASK', ...BUILD_SECRETS];

/** What a worker of its own runs with. */
export interface WorkerConfig extends BuildSettings {
  readonly KUBIDU_REDIS_URL: string;
}

/**
 * Reads the configuration of a worker of its own; relative paths count from `cwd`.
 * @throws {ConfigError} with every mistake
 */
export function loadWorkerConfig(environment: Environment, cwd = process.cwd()): WorkerConfig {
  const settings = readSettings({ ...SHARED_SETTINGS, ...BUILD_SETTINGS }, givenOf(environment), SECRETS);
  const { KUBIDU_REDIS_URL } = settings;
  if (KUBIDU_REDIS_URL === undefined)
    throw new ConfigError(['KUBIDU_REDIS_URL: is missing; without Redis the server itself runs the builds']);
  return { ...settings, KUBIDU_REDIS_URL, KUBIDU_DATA_DIR: resolve(cwd, settings.KUBIDU_DATA_DIR) };
}
