import { resolve } from 'node:path';

import { HttpApi } from '@kubidu/client/http';
import type { BuildSource, CreateDeployment } from '@kubidu/contracts';

import { followBuild } from '../build-follow.ts';
import { buildArgs, buildSecrets } from '../build-values.ts';
import { dockerfilePath } from '../context/dockerfile-path.ts';
import { uploadContext } from '../context/upload-context.ts';
import type { World } from '../environment.ts';
import { CliError, EXIT } from '../exit.ts';
import type { ColourWhen } from '../output/colours.ts';
import type { OutputKind } from '../output/format.ts';
import { Notices } from '../output/notices.ts';
import { serviceName } from '../service-name.ts';
import type { ServerFlags, Settings } from '../settings.ts';

/** The flags of `kubidu deploy`, parsed. */
export interface DeployFlags extends ServerFlags {
  readonly service?: string;
  readonly file?: string;
  readonly target?: string;
  readonly buildArg?: readonly string[];
  readonly secret?: readonly string[];
  /** False with --no-cache. */
  readonly cache: boolean;
  readonly git?: string;
  readonly ref?: string;
  readonly tenant?: string;
  readonly detach?: boolean;
  readonly output: OutputKind;
  readonly timestamps: boolean;
  readonly color: ColourWhen;
}

/** Queues a build of a folder or a repository and follows its log. Returns the exit code: the build's result. */
export async function deploy(
  argument: string | undefined,
  flags: DeployFlags,
  settings: Settings,
  world: World,
): Promise<number> {
  refuseContradictions(argument, flags);
  const api = new HttpApi({ url: settings.server, token: settings.token });
  const notices = new Notices(world.stderr);
  const serviceId = serviceName(flags.service, world.env, resolve(world.folder, argument ?? '.'));
  // Before anything is sent: what is wrong with the flags is known by then.
  const values = valuesOf(flags, world);
  const source = await sourceOf(argument, flags, serviceId, api, world);
  world.signal.throwIfAborted();
  // Not aborted half-way: a build that was queued must be known, to be cancelled.
  const { deploymentId } = await api.deploy({ serviceId, ...values, ...source });
  if (flags.detach === true) {
    notices.say(`queued; follow it with \`kubidu logs --build ${deploymentId} -f\``);
    world.stdout.write(`${deploymentId}\n`);
    return EXIT.done;
  }
  notices.say(`deployment ${deploymentId} of ${serviceId} is queued`);
  const { output, timestamps, color } = flags;
  return followBuild(api, deploymentId, { output, timestamps, color }, settings, world);
}

function refuseContradictions(argument: string | undefined, { git, ref }: DeployFlags): void {
  if (git !== undefined && argument !== undefined) throw new CliError(EXIT.usage, 'give a folder or --git, not both');
  if (ref !== undefined && git === undefined)
    throw new CliError(EXIT.usage, '--ref is of a repository: give --git too');
}

type Values = Omit<CreateDeployment, 'serviceId' | 'source' | 'dockerfile'>;

function valuesOf({ target, buildArg, secret, cache, tenant }: DeployFlags, { env, folder }: World): Values {
  return {
    ...(target !== undefined && { target }),
    ...(buildArg !== undefined && { buildArgs: buildArgs(buildArg, env) }),
    ...(secret !== undefined && { secrets: buildSecrets(secret, env, folder) }),
    ...(!cache && { noCache: true }),
    ...(tenant !== undefined && { tenant }),
  };
}

/** Where the build is made from, and where its Dockerfile lies in there. */
async function sourceOf(
  argument: string | undefined,
  { git, ref, file, tenant }: DeployFlags,
  serviceId: string,
  api: HttpApi,
  world: World,
): Promise<{ source: BuildSource; dockerfile?: string }> {
  if (git !== undefined) {
    const source = { git, ...(ref !== undefined && { ref }) };
    return { source, ...(file !== undefined && { dockerfile: file }) };
  }
  const folder = resolve(world.folder, argument ?? '.');
  const dockerfile = dockerfilePath(file, folder, world.folder);
  const upload = await uploadContext(api, { folder, dockerfile, serviceId, tenant }, world);
  return { source: { upload }, dockerfile };
}
