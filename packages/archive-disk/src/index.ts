export * from './open-disk-archive.ts';
