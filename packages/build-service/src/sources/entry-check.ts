import { posix } from 'node:path';

import { LogsError } from '@kubidu/core';

/** Bounds of what an archive unpacks to. */
export interface ArchiveLimits {
  /** Bytes of all files together. Default 4 GiB. */
  readonly bytes: number;
  /** Files, folders and links together. Default 500,000. */
  readonly entries: number;
}

const DEFAULTS: ArchiveLimits = { bytes: 4 * 1024 ** 3, entries: 500_000 };

/** What stands in the header of an archive's entry. */
export interface ArchiveEntry {
  readonly path: string;
  readonly type: string;
  readonly size: number;
  readonly linkpath?: string | undefined;
}

/** Kinds of entries that have a place in sources. */
const KINDS = new Set([...['File', 'OldFile', 'ContiguousFile', 'Directory', 'GNUDumpDir', 'Link', 'SymbolicLink']]);

/** Looks at each entry of one archive before it is unpacked. */
export class EntryCheck {
  readonly #limits: ArchiveLimits;
  #bytes = 0;
  #entries = 0;

  constructor(limits: Partial<ArchiveLimits> = {}) {
    this.#limits = { ...DEFAULTS, ...limits };
  }

  /** Why it may not be unpacked; undefined where it may. */
  problemOf({ path, type, size, linkpath = '' }: ArchiveEntry): LogsError | undefined {
    this.#bytes += size;
    this.#entries++;
    if (this.#bytes > this.#limits.bytes)
      return new LogsError('PAYLOAD_TOO_LARGE', `the upload unpacks to more than ${this.#limits.bytes} bytes`);
    if (this.#entries > this.#limits.entries)
      return new LogsError('PAYLOAD_TOO_LARGE', `the upload holds more than ${this.#limits.entries} files`);
    if (!KINDS.has(type)) return invalid(`${path} is neither a file nor a folder nor a link`);
    if (!staysInside(path)) return invalid(`${path} lies outside the folder that is uploaded`);
    const leadsOut =
      (type === 'Link' && !staysInside(linkpath)) || (type === 'SymbolicLink' && !pointsInside(path, linkpath));
    return leadsOut ? invalid(`the link ${path} leads outside the folder that is uploaded`) : undefined;
  }
}

function invalid(problem: string): LogsError {
  return new LogsError('INVALID_ARGUMENT', `the upload cannot be built: ${problem}`);
}

function staysInside(path: string): boolean {
  return !posix.isAbsolute(path) && !path.includes('\0') && !path.split('/').includes('..');
}

/** Whether a symbolic link ends inside. Up is only allowed first: behind another link, it may mean somewhere else. */
function pointsInside(path: string, target: string): boolean {
  const parts = target.split('/');
  const down = parts.findIndex((part) => part !== '..' && part !== '.');
  if (posix.isAbsolute(target) || (down >= 0 && parts.slice(down).includes('..'))) return false;
  const end = posix.join(posix.dirname(path), target);
  return end !== '..' && !end.startsWith('../');
}
