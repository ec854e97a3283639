import { readdirSync, readFileSync } from 'node:fs';

import { seededRandom } from '@kubidu/testing';

/** Seconds that no other test sleeps: the mark of a process. */
export const markedSeconds = (): number => 100_000 + Math.floor(seededRandom(process.pid + Date.now())() * 1e6);

/** Command lines of this machine's processes that hold a text. */
export function commandLinesWith(text: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return line.includes(text) ? [line] : [];
    } catch {
      return []; // it has gone
    }
  });
}
