import type { HttpApi } from '@kubidu/client/http';

import { CliError, EXIT } from './exit.ts';
import { isClientError } from './explain.ts';
import { nearNames } from './near-names.ts';

/** A stream may be empty because its service is quiet, or because its name is wrong: this tells. */
export async function requireService(api: HttpApi, service: string, signal: AbortSignal): Promise<void> {
  try {
    await api.service(service, signal);
  } catch (error) {
    if (!isClientError(error) || error.code !== 'NOT_FOUND') throw error;
    throw new CliError(EXIT.noSuchStream, await unknown(api, service, signal), { cause: error });
  }
}

async function unknown(api: HttpApi, service: string, signal: AbortSignal): Promise<string> {
  const names = await api.services(signal).then(
    (services) => services.map(({ serviceId }) => serviceId),
    () => [],
  );
  const near = nearNames(service, names);
  const meant = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : '';
  return `there is no service ${service} that you may see.${meant} \`kubidu services\` lists them`;
}
