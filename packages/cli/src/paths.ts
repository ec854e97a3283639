import { homedir } from 'node:os';
import { join } from 'node:path';

import type { Environment } from './environment.ts';

/** Where logins are kept: the XDG base directory for configuration. */
export function loginPath(env: Environment): string {
  return join(folder(env.XDG_CONFIG_HOME, env, '.config'), 'kubidu', 'login.json');
}

/** Where it is kept how far a stream was printed: the XDG base directory for state. */
export function printedPath(env: Environment, server: string, stream: string): string {
  const state = folder(env.XDG_STATE_HOME, env, '.local', 'state');
  // A colon is not allowed in file names everywhere.
  return join(state, 'kubidu', 'printed', encodeURIComponent(server).slice(0, 200), `${stream.replace(':', '-')}.json`);
}

/** The specification says to ignore what is not absolute. */
function folder(given: string | undefined, env: Environment, ...otherwise: string[]): string {
  return given?.startsWith('/') ? given : join(env.HOME ?? homedir(), ...otherwise);
}
