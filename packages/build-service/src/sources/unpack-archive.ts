import { once } from 'node:events';

import { LogsError } from '@kubidu/core';
import { Unpack } from 'tar';
import type { ReadEntry } from 'tar';

import { EntryCheck } from './entry-check.ts';
import type { ArchiveLimits } from './entry-check.ts';

/**
 * Unpacks a tar archive, gzipped or not, into an empty folder. Nothing of it gets out of the folder: not by its path, not
 * by a link; and it makes no devices. What is refused may have been unpacked in part.
 * @throws {LogsError} INVALID_ARGUMENT for what is no tar or wants out, PAYLOAD_TOO_LARGE beyond the limits; whatever
 * reading the archive throws; the signal's reason
 */
export async function unpackArchive(
  archive: AsyncIterable<Uint8Array>,
  folder: string,
  limits: Partial<ArchiveLimits>,
  signal: AbortSignal,
): Promise<void> {
  const check = new EntryCheck(limits);
  const stop = new AbortController();
  const unpack = unpackInto(folder, check, (problem) => stop.abort(problem));
  const done = once(unpack, 'close', { signal: stop.signal });
  done.catch(() => undefined); // told below, where it is awaited
  try {
    const either = AbortSignal.any([signal, stop.signal]);
    for await (const chunk of archive) {
      either.throwIfAborted();
      if (!unpack.write(Buffer.from(chunk))) await once(unpack, 'drain', { signal: either });
    }
    unpack.end();
    await done;
    stop.signal.throwIfAborted();
  } catch (error) {
    signal.throwIfAborted();
    stop.signal.throwIfAborted();
    throw error instanceof LogsError ? error : unsound(error);
  }
}

function unpackInto(folder: string, check: EntryCheck, refuse: (problem: LogsError) => void): Unpack {
  let refused = false;
  return new Unpack({
    cwd: folder,
    preserveOwner: false,
    filter: (_path, entry) => {
      if (refused) return false;
      const header = entry as ReadEntry;
      const problem = check.problemOf(header);
      // Whatever its mode says, it must be readable for the build and removable afterwards.
      header.mode = (header.mode ?? 0o644) | (header.type === 'Directory' ? 0o700 : 0o600);
      if (problem) refuse(problem);
      refused = problem !== undefined;
      return !refused;
    },
    onwarn: (code, message) => {
      if (code !== 'TAR_ENTRY_INFO') refuse(unsound(message));
    },
  });
}

function unsound(cause: unknown): LogsError {
  const why = typeof cause === 'string' ? cause : cause instanceof Error ? cause.message : 'cannot be read';
  return new LogsError('INVALID_ARGUMENT', `the upload is no sound tar archive: ${why}`);
}
