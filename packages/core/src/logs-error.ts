import { ERRORS } from '@kubidu/contracts';
import type { ErrorBody, ErrorCode, ErrorDetail } from '@kubidu/contracts';

/** What an error may carry besides its message. */
export interface LogsErrorOptions {
  readonly cause?: unknown;
  readonly details?: readonly ErrorDetail[];
}

/** The one error class that crosses a port. Callers branch on `code`; `message` may be shown to whoever asked. */
export class LogsError extends Error {
  override readonly name = 'LogsError';
  readonly code: ErrorCode;
  readonly details: readonly ErrorDetail[] | undefined;

  constructor(code: ErrorCode, message: string, options: LogsErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details;
  }

  /** HTTP status of the code. */
  get status(): number {
    return ERRORS[this.code].status;
  }

  /** Whether the same call may succeed later. */
  get retry(): boolean {
    return ERRORS[this.code].retry;
  }

  /** As it goes over the wire. */
  body(): ErrorBody {
    return { code: this.code, message: this.message, ...(this.details && { details: this.details }) };
  }
}

/** Whether `error` is ours and has this code. */
export function hasCode(error: unknown, code: ErrorCode): error is LogsError {
  return error instanceof LogsError && error.code === code;
}
