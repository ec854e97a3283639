export * from './eventually.ts';
export * from './free-port.ts';
export * from './numbered-lines.ts';
export * from './oracle.ts';
export * from './real-redis-cluster.ts';
export * from './real-redis.ts';
export * from './seeded-random.ts';
export * from './fault-proxy.ts';
