import type { LogArchive } from '@kubidu/core';
import type { Logger } from 'pino';

import type { ArchivePlace } from '../config/config.ts';

/** Opens the archive. S3 may be away: the server starts, and archives once it is there. */
export async function openArchive(place: ArchivePlace, retentionMs: number, logger: Logger): Promise<LogArchive> {
  // Loaded when chosen: each brings a library that the other installation has no use for.
  if (place.in === 'folder') {
    const { openDiskArchive } = await import('@kubidu/archive-disk');
    return openDiskArchive(place);
  }
  const { openS3Archive } = await import('@kubidu/archive-s3');
  const opened = openS3Archive(place);
  const told = opened
    .expireByRule(retentionMs)
    .then((will) =>
      logger.info(
        { bucket: place.bucket },
        will ? 'the bucket expires old objects by itself' : 'old objects are swept',
      ),
    );
  told.catch(() => undefined); // S3 is away: old objects are swept
  return opened.archive;
}
