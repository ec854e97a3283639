import { describeLogArchive } from '@kubidu/testing/log-archive.conformance';

import { MemoryArchiveObjects } from './memory-archive-objects.ts';

describeLogArchive('ObjectLogArchive in memory', () => {
  const objects = new MemoryArchiveObjects();
  return Promise.resolve({ objects, [Symbol.asyncDispose]: () => objects[Symbol.asyncDispose]() });
});
