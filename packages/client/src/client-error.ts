import { ERRORS } from '@kubidu/contracts/errors';
import type { ErrorBody, ErrorCode, ErrorDetail } from '@kubidu/contracts';

/**
 * What can go wrong for a client: the server's codes, and three of our own. UNREACHABLE: no answer came (network, time-out,
 * server away). NOT_KUBIDU: something answered, but not as Kubidu Logs does. CLOSED: this client was closed.
 */
export type ClientErrorCode = ErrorCode | 'UNREACHABLE' | 'NOT_KUBIDU' | 'CLOSED';

/** What is known of a failure besides its code and message. */
export interface ClientErrorOptions extends ErrorOptions {
  readonly details?: readonly ErrorDetail[];
  readonly requestId?: string;
  /** Milliseconds the server asked to wait. */
  readonly retryAfterMs?: number;
}

/** The one error this package throws (besides the reason of an aborted signal). Branch on `code`. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: ClientErrorCode;
  readonly details: readonly ErrorDetail[];
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ClientErrorCode, message: string, options: ClientErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? [];
    this.requestId = options.requestId;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Whether the same call may succeed later. */
  get retry(): boolean {
    if (this.code === 'UNREACHABLE') return true;
    if (this.code === 'NOT_KUBIDU' || this.code === 'CLOSED') return false;
    return ERRORS[this.code].retry;
  }
}

/** The error that a body of the contract's form describes, or undefined where `body` is not of that form. */
export function errorFromBody(body: unknown, options: ClientErrorOptions = {}): ClientError | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { code, message, details, requestId } = body as Partial<ErrorBody>;
  if (typeof code !== 'string' || !(code in ERRORS)) return undefined;
  return new ClientError(code, typeof message === 'string' ? message : code, {
    ...options,
    ...(Array.isArray(details) ? { details } : {}),
    ...(typeof requestId === 'string' ? { requestId } : {}),
  });
}
