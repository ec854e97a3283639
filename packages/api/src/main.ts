import { setFlagsFromString } from 'node:v8';

import { LogsError, systemClock } from '@kubidu/core';

import { createApi } from './create-api.ts';
import type { RunningApi } from './create-api.ts';
import { ConfigError, loadConfig } from './modules/config/config.ts';
import type { Config, Loaded } from './modules/config/config.ts';
import { createLogger } from './modules/logging/logger.ts';

/** What is not drained by then is left: clients resume by index, sources by cursor. */
const DRAIN_MS = 9_000;

/** Longest that the greeting waits for a Docker engine to answer. */
const ENGINE_MS = 1_500;

/**
 * How much the heap may grow beyond what lives in it before it is collected. V8 would let it grow to four times that much:
 * lines live for some seconds, so at 10 MB/s of them it would take 200 MiB more, for work that cannot be measured.
 */
const HEAP_GROWTH_PERCENT = 50;

function load(): Loaded | undefined {
  try {
    return loadConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`The configuration has mistakes:\n${error.mistakes.map((one) => `  ${one}\n`).join('')}`);
    return undefined;
  }
}

/** Ends the process when it is told to; told twice, at once. */
function endOnSignals(api: RunningApi): void {
  let draining = false;
  const end = (signal: NodeJS.Signals) => {
    if (draining) process.exit(signal === 'SIGINT' ? 130 : 143);
    draining = true;
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    api.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
}

/** The line that scripts wait for; in the embedded default also what to type next. One write, so that both are read together. */
async function greet(api: RunningApi, config: Config): Promise<void> {
  const next = config.embedded ? `${advice(api, config)}\n${await buildAdvice(api, config)}\n` : '';
  process.stdout.write(`Kubidu Logs: ${api.url}\n${next}`);
}

function advice(api: RunningApi, config: Config): string {
  const service = api.services.includes('web') ? 'web' : api.services[0];
  const where = serverOf(api, config);
  return service === undefined
    ? `See what there is from a second terminal:  npx kubidu services${where}`
    : `Follow a service from a second terminal:  npx kubidu logs ${service} -f${where}`;
}

/** What to build, or what is missing for it. */
async function buildAdvice(api: RunningApi, config: Config): Promise<string> {
  const late = { ok: false, detail: 'the Docker engine does not answer' };
  const wait = new AbortController();
  const { ok, detail } = await Promise.race([
    api.builds(),
    systemClock.sleep(ENGINE_MS, wait.signal).then(
      () => late,
      () => late, // the engine was faster
    ),
  ]);
  wait.abort();
  return ok
    ? `Build an image and watch it:  npx kubidu deploy samples/app --service app${serverOf(api, config)}`
    : `Nothing can be built: ${detail ?? late.detail}`;
}

function serverOf(api: RunningApi, config: Config): string {
  return config.PORT === 3000 && config.HOST === '127.0.0.1' ? '' : ` --server ${api.url}`;
}

/** Why there is no server, for whoever started it. */
function reasonOf(error: unknown, config: Config): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return `port ${config.PORT} of ${config.HOST} is taken; set PORT to another one, or to 0`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `HOST=${config.HOST} is no address of this machine`;
  if (code === 'EACCES') return `port ${config.PORT} may not be opened by this user`;
  if (error instanceof LogsError && error.code !== 'INTERNAL') return error.body().message;
  return error instanceof Error ? (error.stack ?? String(error)) : String(error);
}

async function main(): Promise<void> {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
  const loaded = load();
  if (!loaded) {
    process.exitCode = 2;
    return;
  }
  const { config, warnings } = loaded;
  const logger = createLogger(config.embedded);
  for (const warning of warnings) logger.warn(warning);
  try {
    const api = await createApi(config, { logger });
    endOnSignals(api);
    await greet(api, config);
  } catch (error) {
    process.stderr.write(`Kubidu Logs could not start: ${reasonOf(error, config)}\n`);
    process.exit(1);
  }
}

await main();
