export { plainText } from './plain-text.ts';
export { compile, Query } from './query.ts';
export { QueryError } from './query-error.ts';
