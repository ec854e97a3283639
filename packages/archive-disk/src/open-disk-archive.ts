import { mkdir } from 'node:fs/promises';

import { LogsError, ObjectLogArchive } from '@kubidu/core';
import type { LogArchive } from '@kubidu/core';

import { DiskObjects } from './disk-objects.ts';

/** What an archive on disk needs. */
export interface DiskArchiveOptions {
  /** A folder; it is created. Processes that have it in common share the archive. */
  readonly path: string;
}

/** Opens the archive. Whoever opened it disposes of it. @throws {LogsError} UNAVAILABLE where it cannot be written */
export async function openDiskArchive({ path }: DiskArchiveOptions): Promise<LogArchive> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    throw new LogsError('UNAVAILABLE', `${path} cannot be opened as an archive`, { cause });
  }
  return new ObjectLogArchive(new DiskObjects(path));
}
