export * from './lmdb-deployments.ts';
export * from './lmdb-log-store.ts';
export * from './lmdb-service-owners.ts';
export * from './open-lmdb-store.ts';
