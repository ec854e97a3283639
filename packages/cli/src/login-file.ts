import { readFileSync } from 'node:fs';

import { writeAtomically } from './atomic-file.ts';
import { CliError, EXIT } from './exit.ts';

/** What `kubidu login` remembers. A token is only ever sent to the server it was given for. */
export interface Logins {
  /** The server of the last login. */
  readonly server?: string;
  readonly tokens: Readonly<Record<string, string>>;
}

/** Reads the login file; none is the same as an empty one. */
export function readLogins(path: string): Logins {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { tokens: {} };
    throw new CliError(EXIT.usage, `cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
  try {
    const { server, tokens } = JSON.parse(text) as Partial<Logins>;
    return { ...(typeof server === 'string' ? { server } : {}), tokens: { ...tokens } };
  } catch (error) {
    throw new CliError(EXIT.usage, `${path} is damaged; log in again after removing it`, { cause: error });
  }
}

/** Remembers a login; the file is the user's only (mode 600). */
export function saveLogin(path: string, server: string, token: string): void {
  const { tokens } = readLogins(path);
  writeAtomically(path, `${JSON.stringify({ server, tokens: { ...tokens, [server]: token } }, null, 2)}\n`, 0o600);
}
