import { providePatterns } from './pattern-engine.ts';
import * as re2 from './re2-pattern.ts';

export { highlights } from './highlights.ts';
export { logfmtFields } from './logfmt-fields.ts';
export { plainText } from './plain-text.ts';
export { compile, Query } from './query.ts';
export { QueryError } from './query-error.ts';
export type { TextRange } from './text-range.ts';
export type { Screen } from './screen.ts';

providePatterns(re2);
