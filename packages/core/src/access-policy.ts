import type { Action, StreamId } from '@kubidu/contracts';

/** Whoever asks, as its token says. */
export interface Principal {
  readonly subject: string;
  readonly tenants: readonly string[];
  /** Patterns of streams, like `runtime:web` or `build:*`. */
  readonly streams: readonly string[];
  readonly admin: boolean;
  /** Milliseconds since 1970; absent where it does not expire. */
  readonly expiresAt?: number;
}

/** Decides who may do what. */
export interface AccessPolicy {
  may(principal: Principal, action: Action, stream: StreamId): Promise<boolean>;
}
