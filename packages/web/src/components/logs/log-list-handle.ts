/** What others may ask of the list. */
export interface LogListHandle {
  /** Brings an index into the middle, unless it is in sight. */
  show(index: number): void;
  /** Brings an index into the middle, also where it is in sight. */
  center(index: number): void;
  /** Index of the first row in sight. */
  top(): number | undefined;
  focus(): void;
}
