export * from './lmdb-log-store.ts';
export * from './open-lmdb-store.ts';
