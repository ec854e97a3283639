export * from './docker/docker-builder.ts';
export * from './queue/bull-build-queue.ts';
export * from './queue/disk-build-queue.ts';
export * from './secrets/sealer.ts';
export * from './services/build.service.ts';
export * from './sources/build-sources.ts';
export * from './uploads/disk-build-uploads.ts';
export * from './uploads/redis-build-uploads.ts';
