export * from './secrets/sealer.ts';
export * from './uploads/disk-build-uploads.ts';
export * from './uploads/redis-build-uploads.ts';
