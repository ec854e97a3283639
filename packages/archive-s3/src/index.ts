export * from './open-s3-archive.ts';
