/** What compiles patterns. It is nine tenths of this package, and few queries have one: a browser gets it when one does. */
export type PatternEngine = typeof import('./re2-pattern.ts');

let engine: PatternEngine | undefined;

/** Makes patterns known from now on. */
export function providePatterns(provided: PatternEngine): void {
  engine = provided;
}

/** Undefined before it was provided. */
export function patternEngine(): PatternEngine | undefined {
  return engine;
}

/** The engine of a pattern that was compiled. */
export function enginePresent(): PatternEngine {
  if (!engine) throw new Error('a pattern was parsed without an engine');
  return engine;
}
