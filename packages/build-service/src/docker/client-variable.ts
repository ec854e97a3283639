import { LogsError } from '@kubidu/core';

/**
 * Variables that the Docker client, its plugins and the Go runtime read. A build argument is handed over by a variable of
 * its name, so one of these would lead the client elsewhere instead.
 */
const READ_BY_CLIENT = [
  /^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|HOSTALIASES|LOCALDOMAIN|RES_OPTIONS)$/,
  /^(HTTP|HTTPS|FTP|NO|ALL)_PROXY$/i,
  /^(DOCKER|BUILDX|DBUS|LD|DYLD|XDG|SSL_CERT|SSH|OTEL|EXPERIMENTAL|MOBY|GLIBC|KUBIDU)_/,
  /^(BUILDKIT_(HOST|PROGRESS|COLORS|TTY_LOG_LINES)|GODEBUG|GOMAXPROCS|GOGC|GOMEMLIMIT|GOTRACEBACK)$/,
];

/**
 * The build arguments as variables for the client's environment.
 * @throws {LogsError} INVALID_ARGUMENT for one that the client would take for itself
 */
export function variablesOf(buildArgs: Readonly<Record<string, string>>): Record<string, string> {
  for (const name of Object.keys(buildArgs))
    if (READ_BY_CLIENT.some((pattern) => pattern.test(name)))
      throw new LogsError(
        'INVALID_ARGUMENT',
        `${name} cannot be a build argument here, since the Docker client reads that variable itself: give it another name`,
      );
  return { ...buildArgs };
}
