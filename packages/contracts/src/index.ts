export * from './deployment.ts';
export * from './errors.ts';
export * from './http.ts';
export * from './limits.ts';
export * from './log-entry.ts';
export * from './moment.ts';
export * from './socket.ts';
export * from './stream-id.ts';
