/** What is known of consecutive entries without reading them. */
export interface Summary {
  /** Milliseconds since 1970 that enclose their timestamps; both 0 where none can be read. */
  readonly from: number;
  readonly to: number;
  /** How many have each level; those without one are under no name. */
  readonly levels: Readonly<Record<string, number>>;
}

/** Says of entries that lie together whether they need be read: what no sieve lets through is passed over. */
export interface Sieve {
  /** Whether one of them may be asked for. False is never wrong. */
  admits(summary: Summary): boolean;
}
