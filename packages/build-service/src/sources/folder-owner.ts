import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process as the names of its temporary folders tell it: the machine, the process id, and when that process began. */
export interface FolderOwner {
  /** 8 hexadecimal digits that stand for the machine's name; containers have names of their own. */
  readonly host: string;
  readonly pid: number;
  /** In the kernel's own count; '0' where it tells nobody. An id alone could be another process's by now. */
  readonly born: string;
}

const OWNER = /^kubidu-(?:source|build)-([0-9a-f]{8})-(\d{1,10})-(\d{1,20})-[^-]+$/;

/** This process. */
export function ownFolders(): FolderOwner {
  return { host: hostMark(), pid: process.pid, born: bornOf(process.pid) ?? '0' };
}

/** Whose folder it is by its name; undefined for what is none of ours. */
export function ownerOf(name: string): FolderOwner | undefined {
  const [, host, pid, born] = OWNER.exec(name) ?? [];
  return host !== undefined && born !== undefined ? { host, pid: Number(pid), born } : undefined;
}

/** Whether it is known that the owner is gone; of other machines nothing is known. */
export function isGone({ host, pid, born }: FolderOwner): boolean {
  if (host !== hostMark()) return false;
  if (isAlive(pid)) return born !== '0' && (bornOf(pid) ?? born) !== born;
  return true;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process may not be asked, but is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function hostMark(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
}

/** When a process began; undefined where the system does not tell. */
function bornOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Its name may have blanks and parentheses; what follows it has none.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
