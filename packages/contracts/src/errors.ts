/** What one error code means: its HTTP status, whether the same call may succeed later, when it comes and what to do. */
export interface ErrorRow {
  readonly status: number;
  readonly retry: boolean;
  readonly when: string;
  readonly fix: string;
}

/** Every error that leaves Kubidu Logs. A code is never renamed and never reused. */
export const ERRORS = {
  INVALID_ARGUMENT: {
    status: 400,
    retry: false,
    when: 'A field is missing or malformed.',
    fix: 'Correct the field that `details` names.',
  },
  UNAUTHENTICATED: {
    status: 401,
    retry: false,
    when: 'There is no token, or it is bad or expired.',
    fix: 'Log in again (`kubidu login`) or send a fresh token.',
  },
  FORBIDDEN: {
    status: 403,
    retry: false,
    when: 'The thing is known and one may not do this to it; on sockets also when the stream is unknown.',
    fix: 'Ask for a token with that right; `GET /api/me` lists what yours may do.',
  },
  NOT_FOUND: {
    status: 404,
    retry: false,
    when: "There is no such stream, service or deployment, or it is not one's own.",
    fix: 'Check the name; `kubidu services` lists what there is.',
  },
  CONFLICT: {
    status: 409,
    retry: false,
    when: 'The stream or the build has ended, or a newer writer has taken over.',
    fix: 'Write to a new stream; what has ended cannot be cancelled.',
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    retry: false,
    when: 'A request is over a documented limit.',
    fix: 'Send less at once.',
  },
  RATE_LIMITED: {
    status: 429,
    retry: true,
    when: 'Too much was asked for in too short a time, or too many things at once.',
    fix: 'Wait as long as `Retry-After` says; close what is not needed.',
  },
  INTERNAL: {
    status: 500,
    retry: false,
    when: 'A defect of ours; it carries a request id.',
    fix: 'Report the request id.',
  },
  UNAVAILABLE: {
    status: 503,
    retry: true,
    when: 'The store, the archive or the cluster is away, or this server builds nothing.',
    fix: 'Retry; `/readyz` says which one.',
  },
} as const satisfies Record<string, ErrorRow>;

/** One of the codes of {@link ERRORS}. */
export type ErrorCode = keyof typeof ERRORS;

/** One malformed field: where it is and what would be right. */
export interface ErrorDetail {
  readonly field: string;
  readonly message: string;
  /** Where in the field; its first character is 1. */
  readonly column?: number;
}

/** An error as it goes over the wire. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: readonly ErrorDetail[];
  /** Only with INTERNAL: what to quote when reporting it. */
  readonly requestId?: string;
}
