import { HttpApi } from '@kubidu/client/http';

import type { World } from '../environment.ts';
import { EXIT } from '../exit.ts';
import { saveLogin } from '../login-file.ts';
import { Notices } from '../output/notices.ts';
import { loginPath } from '../paths.ts';
import { readSecret } from '../secret-prompt.ts';
import { tokenOf } from '../settings.ts';
import type { ServerFlags, Settings } from '../settings.ts';
import { describe } from './whoami.ts';

/** Asks for a token, tries it, and remembers it for this server. */
export async function login(flags: ServerFlags, { server }: Settings, world: World): Promise<number> {
  const notices = new Notices(world.stderr);
  const given = flags.token ?? (await readSecret(`Token for ${server}: `, world));
  const token = tokenOf(given);
  const me = await new HttpApi({ url: server, token }).me(world.signal);
  const path = loginPath(world.env);
  saveLogin(path, server, token);
  for (const line of describe(me, server)) notices.say(line);
  notices.say(`remembered in ${path}`);
  return EXIT.done;
}
