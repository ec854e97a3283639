import type { HttpApi } from '@kubidu/client/http';
import type { StreamId } from '@kubidu/contracts';

import { CliError, EXIT } from './exit.ts';
import { isClientError } from './explain.ts';
import type { Head } from './history.ts';
import { requireService } from './known-service.ts';

/** What a log is read of. */
export interface Target {
  readonly stream: StreamId;
  /** A stream may be empty because nothing was written yet, or because its name is wrong: this tells. @throws CliError where there is no such thing */
  require(signal: AbortSignal): Promise<void>;
}

/** A service's runtime log. */
export function serviceTarget(api: HttpApi, service: string): Target {
  return { stream: `runtime:${service}`, require: (signal) => requireService(api, service, signal) };
}

/** A build's log. */
export function buildTarget(api: HttpApi, deploymentId: string): Target {
  const require = async (signal: AbortSignal): Promise<void> => {
    try {
      await api.deployment(deploymentId, signal);
    } catch (error) {
      if (!isClientError(error) || error.code !== 'NOT_FOUND') throw error;
      const instead = `the latest of service ${deploymentId}: \`kubidu logs ${deploymentId} --build\``;
      const message = `there is no deployment ${deploymentId} that you may see (${instead})`;
      throw new CliError(EXIT.noSuchStream, message, { cause: error });
    }
  };
  return { stream: `build:${deploymentId}`, require };
}

/** Where a target's stream stands; one that has written nothing yet is empty. @throws CliError where there is no such target */
export async function headOf(api: HttpApi, target: Target, signal: AbortSignal): Promise<Head> {
  try {
    const { firstIndex, lastIndex } = await api.stream(target.stream, signal);
    if (lastIndex === 0) await target.require(signal);
    return { firstIndex, lastIndex };
  } catch (error) {
    if (!isClientError(error) || error.code !== 'NOT_FOUND') throw error;
    await target.require(signal);
    return { firstIndex: 1, lastIndex: 0 };
  }
}

/** The newest deployment of a service. @throws CliError where it has none that one may see */
export async function latestBuild(api: HttpApi, service: string, signal: AbortSignal): Promise<string> {
  const { deployments } = await api.deployments({ serviceId: service, limit: 1 }, signal);
  const [latest] = deployments;
  if (latest !== undefined) return latest.deploymentId;
  throw new CliError(
    EXIT.noSuchStream,
    `service ${service} has no deployment that you may see; \`kubidu deploy --service ${service}\` makes one`,
  );
}
