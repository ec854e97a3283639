export * from './procfile.ts';
export * from './process-log-source.ts';
