import type { ClientError } from '@kubidu/client/http';

import { CliError, EXIT } from './exit.ts';
import type { Settings } from './settings.ts';

/** What the user reads and the shell gets when an error ends a command. */
export function explain(error: unknown, settings?: Settings): { message: string; exitCode: number } {
  if (error instanceof CliError) return { message: error.message, exitCode: error.exitCode };
  if (isClientError(error)) return explainClient(error, settings);
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message: `unexpected error, please report it: ${message}`, exitCode: EXIT.failed };
}

/** Whether this is the SDK's error; asked without loading the SDK. */
export function isClientError(error: unknown): error is ClientError {
  return error instanceof Error && error.name === 'ClientError';
}

function explainClient(error: ClientError, settings: Settings | undefined): { message: string; exitCode: number } {
  const server = settings?.server ?? 'the server';
  switch (error.code) {
    case 'UNAUTHENTICATED': {
      const what = settings?.token === undefined ? 'needs a token' : 'refused the token (bad or expired)';
      return { message: `${server} ${what}: log in with \`kubidu login\``, exitCode: EXIT.notAllowed };
    }
    case 'FORBIDDEN':
      return {
        message: `not allowed: ${error.message} (\`kubidu whoami\` says what you may do)`,
        exitCode: EXIT.notAllowed,
      };
    case 'NOT_FOUND':
      return { message: error.message, exitCode: EXIT.noSuchStream };
    case 'UNREACHABLE':
      return {
        message: `cannot reach ${server}: ${error.message}. Is it running? Another one: --server or KUBIDU_SERVER`,
        exitCode: EXIT.unreachable,
      };
    case 'UNAVAILABLE':
    case 'RATE_LIMITED':
      return { message: `${server} cannot answer now: ${error.message}`, exitCode: EXIT.unreachable };
    case 'NOT_KUBIDU':
      return { message: `${server} does not answer as Kubidu Logs does: ${error.message}`, exitCode: EXIT.unreachable };
    case 'INVALID_ARGUMENT': {
      const details = error.details.map(({ field, message }) => `; ${field}: ${message}`).join('');
      return { message: error.message + details, exitCode: EXIT.usage };
    }
    default: {
      const id = error.requestId === undefined ? '' : ` (request ${error.requestId})`;
      return { message: `${server}: ${error.message}${id}`, exitCode: EXIT.failed };
    }
  }
}
