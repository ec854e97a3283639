import type { StreamInfo } from '@kubidu/contracts';

/** What an archiver knows of a stream. */
export interface ArchiveProgress {
  /** Everything up to here is archived, or gone; -1 before the archive was asked. */
  through: number;
  /** Whether the last write failed: it may have been done all the same. */
  unsure: boolean;
  /** Since when there is something new, in milliseconds since 1970; undefined while there is not. */
  behindSince: number | undefined;
  /** When it was appended to last, in milliseconds since 1970. */
  lastAt: number;
  /** Bytes that the hot store had of it when it was looked at last. */
  bytes: number;
  /** Whether it may be tried now; false for a while after it failed. */
  tries: boolean;
  /** Whether what is new goes into the archive now; else the stream is only trimmed. */
  writes: boolean;
  finished: boolean;
  failures: number;
  retryAt: number;
  /** Objects written since the last merge. */
  written: number;
}

/** What is known at first: nothing. @param written objects that others may have written since the last merge */
export function newProgress(written: number): ArchiveProgress {
  return {
    ...{ through: -1, unsure: false, behindSince: undefined, lastAt: 0, bytes: 0 },
    ...{ tries: true, writes: false, finished: false, failures: 0, retryAt: 0, written },
  };
}

/** About how many bytes of the hot store are not archived yet: sizes differ from line to line. */
export function unarchivedBytes({ bytes, firstIndex, lastIndex }: StreamInfo, through: number): number {
  const entries = lastIndex - Math.max(through, firstIndex - 1);
  return entries > 0 ? (bytes * entries) / (lastIndex - firstIndex + 1) : 0;
}

/** Index of the last of the oldest entries that go, where a stream is to keep so many bytes. */
export function surplusThrough({ bytes, firstIndex, lastIndex }: StreamInfo, keep: number): number {
  const held = lastIndex - firstIndex + 1;
  return firstIndex + Math.ceil(held * (1 - keep / bytes)) - 1;
}
