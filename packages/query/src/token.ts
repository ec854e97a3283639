/** One piece of a query as it is written. `at` is how many UTF-16 units stand before it. */
export type Token =
  | { readonly type: '(' | ')' | 'or' | 'and' | 'not' | 'end'; readonly at: number }
  /** What stands before a colon; its value, or an opening parenthesis, follows without a space. */
  | { readonly type: 'field'; readonly at: number; readonly name: string }
  /** Text that means itself, save `*`. */
  | { readonly type: 'word'; readonly at: number; readonly text: string }
  /** Text in quotes, without them. */
  | { readonly type: 'phrase'; readonly at: number; readonly text: string }
  | { readonly type: 'pattern'; readonly at: number; readonly source: string; readonly flags: string };
