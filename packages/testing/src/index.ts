export * from './eventually.ts';
export * from './free-port.ts';
export * from './real-redis.ts';
export * from './real-redis-cluster.ts';
