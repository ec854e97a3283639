export * from './connection.ts';
export * from './open-redis-store.ts';
export * from './redis-deployments.ts';
export * from './redis-leases.ts';
export * from './redis-log-store.ts';
export * from './redis-service-owners.ts';
export * from './subscriber.ts';
