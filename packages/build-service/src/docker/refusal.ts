import { hasCode, LogsError } from '@kubidu/core';
import type { BuildResult } from '@kubidu/core';

/** What was wrong with a build before it began, as its result. @throws {LogsError} what is not the build's fault */
export function refusal(error: unknown): BuildResult {
  if (hasCode(error, 'NOT_FOUND') || hasCode(error, 'INVALID_ARGUMENT'))
    return { status: 'failed', problem: error.message };
  throw error instanceof LogsError ? error : new LogsError('INTERNAL', 'the builder failed', { cause: error });
}
