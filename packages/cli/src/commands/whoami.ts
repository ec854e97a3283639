import { HttpApi } from '@kubidu/client/http';
import type { Me } from '@kubidu/contracts';

import type { World } from '../environment.ts';
import { EXIT } from '../exit.ts';
import { terminalText } from '@kubidu/text';
import type { Settings } from '../settings.ts';

/** Says who the token says one is, and what one may do. */
export async function whoami(settings: Settings, world: World): Promise<number> {
  const me = await new HttpApi({ url: settings.server, token: settings.token }).me(world.signal);
  world.stdout.write(
    describe(me, settings.server)
      .map((line) => `${terminalText(line, false)}\n`)
      .join(''),
  );
  return EXIT.done;
}

/** A principal in words, one line for each fact. */
export function describe(me: Me, server: string): string[] {
  const lines = [`${me.subject} at ${server}`];
  if (me.authentication === 'off') lines.push('this server needs no login: everything is allowed');
  else if (me.admin) lines.push('admin: everything is allowed');
  if (me.tenants.length > 0) lines.push(`tenants: ${me.tenants.join(', ')}`);
  if (me.streams.length > 0 && me.authentication !== 'off') lines.push(`streams: ${me.streams.join(', ')}`);
  if (me.expiresAt !== undefined) lines.push(`expires: ${me.expiresAt}`);
  return lines;
}
