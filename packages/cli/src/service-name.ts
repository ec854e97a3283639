import { isId } from '@kubidu/contracts/stream-id';

import type { Environment } from './environment.ts';
import { CliError, EXIT } from './exit.ts';
import { findProject } from './project-file.ts';

/** Which service is meant: the argument, KUBIDU_SERVICE, or the nearest `.kubidu.json` from `folder` upward. */
export function serviceName(argument: string | undefined, env: Environment, folder: string): string {
  const fromEnvironment = env.KUBIDU_SERVICE === '' ? undefined : env.KUBIDU_SERVICE;
  const service = argument ?? fromEnvironment ?? findProject(folder)?.service;
  if (service === undefined) {
    throw new CliError(
      EXIT.usage,
      'which service? Name it (`kubidu logs web`), set KUBIDU_SERVICE, or link this folder (`kubidu link web`)',
    );
  }
  return checkedName(service);
}

/** @throws CliError where `service` cannot be a service's name */
export function checkedName(service: string): string {
  if (isId(service)) return service;
  const shown = JSON.stringify(String(service).slice(0, 80));
  throw new CliError(
    EXIT.usage,
    `${shown} is no service's name: 1 to 128 letters, digits, dots, dashes or underscores`,
  );
}
