/** One line of a tree of fields: a value, or an object or list whose own lines follow. */
export interface Field {
  /** What tells it from every other line of its tree. */
  readonly id: string;
  /** Its name, or in a list its place; as it is written there, at most 256 characters of it. */
  readonly name: string;
  /** From 1. */
  readonly depth: number;
  readonly type: 'object' | 'list' | 'string' | 'number' | 'boolean' | 'null';
  /** A value as it is shown, or for objects and lists how much is in them. */
  readonly text: string;
  /** The term that finds entries with this value; absent where the query language has none. */
  readonly term?: string;
  /** What stands below it. */
  readonly children: readonly Field[];
  /** How many more stand below it that are not shown. */
  readonly more: number;
}
