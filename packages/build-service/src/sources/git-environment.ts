import type { GitSource } from './git-source.ts';

/** Reads what to answer from the environment, so that no credential stands in a file or in a command line. */
const HELPER =
  '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$KUBIDU_GIT_USERNAME" "$KUBIDU_GIT_PASSWORD"; }; f';

/** Names of our own that git needs; the rest of our environment is not its business. */
const KEPT =
  /^(PATH|HOME|USER|LANG|LC_.*|TMPDIR|SSH_AUTH_SOCK|SSL_CERT_(FILE|DIR)|GIT_SSL_.*|GIT_SSH(_COMMAND)?|(HTTPS?|ALL|NO)_PROXY)$/i;

/**
 * The environment in which git runs: it asks nobody, reads no settings of this machine, runs no hooks, reaches repositories
 * only by the protocols that are allowed, and gives the credentials to the host they were given for.
 * @param protocols like `https:ssh`
 */
export function gitEnvironment({ url, username, password }: GitSource, protocols: string): NodeJS.ProcessEnv {
  const settings: [string, string][] = [
    ['core.hooksPath', '/dev/null'],
    ['advice.detachedHead', 'false'],
    ['credential.helper', ''],
  ];
  if (username !== undefined || password !== undefined)
    settings.push([`credential.${new URL(url).origin}.helper`, HELPER]);
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => KEPT.test(name))),
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    GIT_SSH_COMMAND: process.env['GIT_SSH_COMMAND'] ?? 'ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new',
    GIT_ALLOW_PROTOCOL: protocols,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${at}`, key],
        [`GIT_CONFIG_VALUE_${at}`, value],
      ]),
    ),
    // A token alone is a user name to some hosts and a password to others.
    KUBIDU_GIT_USERNAME: username ?? 'git',
    KUBIDU_GIT_PASSWORD: password ?? username ?? '',
  };
}
