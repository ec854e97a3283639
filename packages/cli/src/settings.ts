import type { Token } from '@kubidu/client/http';

import type { Environment } from './environment.ts';
import { CliError, EXIT } from './exit.ts';
import { readLogins } from './login-file.ts';
import { loginPath } from './paths.ts';

const DEFAULT_SERVER = 'http://127.0.0.1:3000';

/** The flags every command that talks to a server takes. */
export interface ServerFlags {
  readonly server?: string;
  readonly token?: string;
}

/** Which server to talk to, and as whom. */
export interface Settings {
  /** Without a slash at the end. */
  readonly server: string;
  readonly token: Token | undefined;
}

/** Flags first, then KUBIDU_SERVER and KUBIDU_TOKEN, then the login file, then the server of this machine. */
export function settingsOf(flags: ServerFlags, env: Environment): Settings {
  const path = loginPath(env);
  const server = serverOf(flags.server ?? filled(env.KUBIDU_SERVER) ?? readLogins(path).server ?? DEFAULT_SERVER);
  const given = flags.token ?? filled(env.KUBIDU_TOKEN);
  if (given !== undefined) return { server, token: tokenOf(given) };
  if (readLogins(path).tokens[server] === undefined) return { server, token: undefined };
  // Read at every connection: a login in another terminal renews the token of a command that runs.
  return { server, token: () => readLogins(path).tokens[server] };
}

/** A server's address as the login file names it. */
function serverOf(text: string): string {
  const url = tryUrl(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new CliError(EXIT.usage, `the server must be an http or https address, like ${DEFAULT_SERVER}: ${text}`);
  }
  return url.origin + url.pathname.replace(/\/+$/, '');
}

/** A token as it goes into a header: without the line end that `echo` and editors add. */
export function tokenOf(text: string): string {
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new CliError(EXIT.usage, 'a token is one word of letters, digits and signs');
  return token;
}

/** URL.parse is newer than Node 20. */
function tryUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function filled(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
