import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/** Seconds that no other test sleeps: the mark of a process. */
export const markedSeconds = (): number => randomInt(100_000, 100_000_000);

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
