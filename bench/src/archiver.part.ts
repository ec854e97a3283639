// The archiver as a process of its own: archives everything that Redis has of all streams, once, and tells how long it took
// and the most memory that the process ever had.
import { readFileSync } from 'node:fs';

import { openS3Archive } from '@kubidu/archive-s3';
import { Archiver } from '@kubidu/core';
import { openRedisStore } from '@kubidu/store-redis';

interface Request {
  readonly redisUrl: string;
  readonly bucket: string;
  readonly endpoint: string;
  readonly region: string;
  readonly hotBytes: number;
}

process.once('message', (request: Request) => {
  archive(request).then(
    (archived) => process.send?.({ archived }, () => process.disconnect()),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function archive({ redisUrl, hotBytes, ...bucket }: Request): Promise<{ ms: number; peakMiB: number }> {
  await using redis = await openRedisStore({ url: redisUrl });
  await using place = openS3Archive(bucket);
  const failed = (_: unknown, error: unknown) => console.error(error);
  const observer = { failed, lost: (_: unknown, entries: number) => console.error(`lost ${entries}`) };
  const { store, leases } = redis;
  const archiver = new Archiver({ store, leases, archive: place.archive, hotBytes, observer, random: Math.random });
  const began = performance.now();
  await archiver.round(new AbortController().signal, true);
  const ms = performance.now() - began;
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return { ms, peakMiB: Number(peak) / 1024 };
}
