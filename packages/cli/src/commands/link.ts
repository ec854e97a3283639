import { HttpApi } from '@kubidu/client/http';

import type { World } from '../environment.ts';
import { CliError, EXIT } from '../exit.ts';
import { isClientError } from '../explain.ts';
import { requireService } from '../known-service.ts';
import { Notices } from '../output/notices.ts';
import { findProject, linkProject } from '../project-file.ts';
import { checkedName } from '../service-name.ts';
import type { Settings } from '../settings.ts';

/** Links this folder to a service, or says to which one it is linked. */
export async function link(argument: string | undefined, settings: Settings, world: World): Promise<number> {
  const notices = new Notices(world.stderr);
  if (argument === undefined) {
    const project = findProject(world.folder);
    if (project === undefined) {
      throw new CliError(
        EXIT.usage,
        'this folder is not linked: `kubidu link web` links it; `kubidu services` lists services',
      );
    }
    notices.say(`${project.path} links to ${project.service}`);
    return EXIT.done;
  }
  const service = checkedName(argument);
  try {
    await requireService(new HttpApi({ url: settings.server, token: settings.token }), service, world.signal);
  } catch (error) {
    if (!isClientError(error) || error.code !== 'UNREACHABLE') throw error;
    notices.say(`could not ask ${settings.server} whether there is such a service (${error.message})`);
  }
  notices.say(`linked to ${service} in ${linkProject(world.folder, service)}`);
  return EXIT.done;
}
