/** What is known of consecutive entries without reading them. */
export interface Summary {
  /** How many they are. */
  readonly count: number;
  /** Milliseconds since 1970 that enclose their timestamps; both 0 where none can be read. */
  readonly from: number;
  readonly to: number;
  /** How many have each level; those without one are under no name. */
  readonly levels: Readonly<Record<string, number>>;
  /** Whether the JSON of one of them may hold a text, in capitals or not. False is never wrong. Absent: nobody knows. */
  readonly mayHold?: ((text: string) => boolean) | undefined;
}

/** Says of entries that lie together whether they need be read: what no sieve lets through is passed over. */
export interface Sieve {
  /** Whether it asks for texts: to know of them costs more. */
  readonly asksTexts: boolean;
  /** Whether what is passed over is told one by one, each with its summary; default: together, without. */
  readonly keepsSummaries?: boolean;
  /** Whether one of them may be asked for. False is never wrong. */
  admits(summary: Summary): boolean;
}
