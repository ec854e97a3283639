import type { GapReason, LogEntry, Outcome, Source } from '@kubidu/contracts';

import type { ClientError } from './client-error.ts';

/**
 * Why indexes are missing: the server's reasons, or `unexplained` where it skipped them without a word and did not give
 * them when asked again.
 */
export type MissingReason = GapReason | 'unexplained';

/** What a subscription gives, in order. The indexes of all `entries` and `gap` items together have no hole and no repeat. */
export type SubscriptionItem =
  /** One or more entries, indexes ascending. The array is the reader's. */
  | { readonly type: 'entries'; readonly entries: LogEntry[] }
  /** Indexes `from` to `to`, both included, that can no longer be had. */
  | { readonly type: 'gap'; readonly from: number; readonly to: number; readonly reason: MissingReason }
  /** The stream ended and everything up to `lastIndex` was given; the last item. */
  | ({ readonly type: 'end'; readonly lastIndex: number } & Outcome)
  /** Who writes now; on subscription and on change. */
  | { readonly type: 'sources'; readonly sources: readonly Source[] }
  /** The server took the subscription: at first, and again after each outage. */
  | { readonly type: 'connected'; readonly firstIndex: number; readonly lastIndex: number; readonly resumed: boolean }
  /** The connection is away; attempt `attempt` comes next. Entries go on where they stopped when it is back. */
  | { readonly type: 'reconnecting'; readonly attempt: number; readonly error: ClientError }
  /** The server's stream ends before what was already given: it lost data. What it gives up to `readThrough` is held for repeats. */
  | { readonly type: 'behind'; readonly lastIndex: number; readonly readThrough: number };
