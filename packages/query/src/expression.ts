import type { Level } from '@kubidu/contracts';

/** Text with anything between its pieces, without regard to case. */
export interface Glob {
  readonly type: 'glob';
  readonly pieces: readonly string[];
}

/** A regular expression in RE2's syntax; flags of `i`, `m` and `s`. */
export interface Pattern {
  readonly type: 'pattern';
  readonly source: string;
  readonly flags: string;
}

export type Operator = '>' | '>=' | '<' | '<=';

/** What a field's value has to be. */
export type Demand =
  | Glob
  | Pattern
  | { readonly type: 'exists' }
  | { readonly type: 'compare'; readonly operator: Operator; readonly number: number }
  | { readonly type: 'levels'; readonly levels: readonly Level[] };

/** What a query says, as data: equal queries have equal expressions, however they are written. */
export type Expression =
  | { readonly type: 'everything' }
  | { readonly type: 'and' | 'or'; readonly of: readonly Expression[] }
  | { readonly type: 'not'; readonly of: Expression }
  /** Somewhere in the message. */
  | { readonly type: 'text'; readonly demand: Glob | Pattern }
  | { readonly type: 'field'; readonly name: string; readonly demand: Demand };

/** All of them, or one of them: one alone stands for itself, and the same within the same is one list. */
export function join(type: 'and' | 'or', parts: readonly Expression[]): Expression {
  const of = parts.flatMap((part) => (part.type === type ? part.of : [part]));
  const [only] = of;
  return only && of.length === 1 ? only : { type, of };
}
