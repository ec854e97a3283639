/** A query that does not parse. The message says in words what is wrong and, where one can tell, what to write instead. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  /** Where it is wrong: the first character of the query is column 1. */
  readonly column: number;

  /** @param at how many UTF-16 units of `text` stand before the mistake */
  constructor(text: string, at: number, message: string) {
    super(message);
    this.column = [...text.slice(0, at)].length + 1;
  }
}
