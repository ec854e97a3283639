import { QueryError } from './query-error.ts';

/** A query has a pattern, and nothing was loaded yet that runs it. */
export class PatternsAbsent extends QueryError {}
