import { LogsError } from '@kubidu/core';

/** Faults of a script or of what it found: ours. Everything else is Redis being away, full, loading or failing over. */
const DEFECTS = new Set(['ERR', 'WRONGTYPE', 'NOSCRIPT', 'CROSSSLOT', 'EXECABORT']);

/** What a port throws for an error of the Redis client. */
export function asLogsError(error: unknown): LogsError {
  if (error instanceof LogsError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  // ioredis keeps the failed command in the error: log lines, and with AUTH the password.
  delete (cause as { command?: unknown }).command;
  const code = cause.name === 'ReplyError' ? (/^[A-Z]+/.exec(cause.message)?.[0] ?? 'ERR') : 'AWAY';
  return DEFECTS.has(code)
    ? new LogsError('INTERNAL', 'Redis refused a command', { cause })
    : new LogsError('UNAVAILABLE', 'Redis is away', { cause });
}
