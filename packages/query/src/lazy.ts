import { providePatterns } from './pattern-engine.ts';

export { highlights } from './highlights.ts';
export { logfmtFields } from './logfmt-fields.ts';
export { PatternsAbsent } from './patterns-absent.ts';
export { plainText } from './plain-text.ts';
export { compile, Query } from './query.ts';
export { QueryError } from './query-error.ts';
export type { TextRange } from './text-range.ts';

/** Fetches what patterns need; until it resolved, `compile` throws {@link PatternsAbsent} for a query that has one. */
export async function loadPatterns(): Promise<void> {
  providePatterns(await import('./re2-pattern.ts'));
}
