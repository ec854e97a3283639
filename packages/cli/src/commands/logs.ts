import { HttpApi } from '@kubidu/client/http';
import { isId } from '@kubidu/contracts/stream-id';

import type { World } from '../environment.ts';
import { CliError, EXIT } from '../exit.ts';
import type { LogsFlags } from '../logs-flags.ts';
import { Notices } from '../output/notices.ts';
import { patiently } from '../patience.ts';
import { printLog } from '../print-log.ts';
import { serviceName } from '../service-name.ts';
import type { Settings } from '../settings.ts';
import { buildTarget, latestBuild, serviceTarget } from '../target.ts';
import type { Target } from '../target.ts';

/** Prints a service's log, or a build's. Returns the exit code. */
export async function logs(
  argument: string | undefined,
  flags: LogsFlags,
  settings: Settings,
  world: World,
): Promise<number> {
  refuseContradictions(argument, flags);
  return printLog(await targetOf(argument, flags, settings, world), flags, settings, world);
}

async function targetOf(
  argument: string | undefined,
  { build, follow }: LogsFlags,
  settings: Settings,
  { env, folder, stderr, signal }: World,
): Promise<Target> {
  const api = new HttpApi({ url: settings.server, token: settings.token });
  if (typeof build === 'string') return buildTarget(api, checkedDeployment(build));
  const service = serviceName(argument, env, folder);
  if (build === undefined) return serviceTarget(api, service);
  let away = false;
  const onAway = (error: Error): void => {
    if (!away) new Notices(stderr).say(`waiting for ${settings.server} (${error.message})`);
    away = true;
  };
  const latest = (): Promise<string> => latestBuild(api, service, signal);
  return buildTarget(api, await (follow === true ? patiently(latest, onAway, signal) : latest()));
}

function refuseContradictions(
  argument: string | undefined,
  { build, follow, since, sinceIndex, sinceLast, until }: LogsFlags,
): void {
  if (argument !== undefined && typeof build === 'string')
    throw new CliError(EXIT.usage, 'name a service, for its latest deployment, or a deployment: not both');
  const starts = [since !== undefined, sinceIndex !== undefined, sinceLast === true].filter(Boolean).length;
  if (starts > 1) throw new CliError(EXIT.usage, 'give one of --since, --since-index and --since-last');
  if (follow === true && until !== undefined) throw new CliError(EXIT.usage, '--until has no meaning with --follow');
  if (since !== undefined && until !== undefined && since > until) {
    throw new CliError(EXIT.usage, '--since must be before --until');
  }
}

function checkedDeployment(id: string): string {
  if (isId(id)) return id;
  const shown = JSON.stringify(String(id).slice(0, 80));
  throw new CliError(EXIT.usage, `${shown} is no deployment: 1 to 128 letters, digits, dots, dashes or underscores`);
}
