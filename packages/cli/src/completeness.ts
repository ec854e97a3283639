import type { MissingReason } from '@kubidu/client';
import type { LogEntry } from '@kubidu/contracts';
import { number } from '@kubidu/text';

/** Most holes that are told one by one. */
const TOLD = 100;

/** Proves that what was read has no hole, or says where it has one and why. */
export class Completeness {
  #first = 0;
  #last = 0;
  #holes = 0;
  readonly #told: string[] = [];

  /** Whether nothing is missing between the first and the last index read. */
  get complete(): boolean {
    return this.#holes === 0;
  }

  /** Takes what was read, in order. */
  entries(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      if (this.#first === 0) this.#first = entry.index;
      else if (entry.index > this.#last + 1) this.#hole(this.#last + 1, entry.index - 1, 'unexplained');
      this.#last = Math.max(this.#last, entry.index);
      if (entry.event?.type === 'lost') this.#add(`${number(entry.index)}: ${lostWords(entry)}`);
    }
  }

  /** Takes what the server says can no longer be had. */
  gap({ from, to, reason }: { from: number; to: number; reason: MissingReason }): void {
    if (this.#first === 0) this.#first = from;
    else if (from > this.#last + 1) this.#hole(this.#last + 1, from - 1, 'unexplained');
    this.#hole(from, to, reason);
    this.#last = Math.max(this.#last, to);
  }

  /** The proof in words, one line for each hole. */
  report(): string {
    if (this.#first === 0) return 'complete: no lines';
    const range = this.#first === this.#last ? number(this.#first) : `${number(this.#first)}–${number(this.#last)}`;
    if (this.complete) return `complete: ${range}`;
    const untold = this.#holes - this.#told.length;
    const lines = [`incomplete: ${range}, ${holes(this.#holes)}`, ...this.#told.map((line) => `  ${line}`)];
    if (untold > 0) lines.push(`  and ${number(untold)} more`);
    return lines.join('\n');
  }

  #hole(from: number, to: number, reason: string): void {
    const range = from === to ? number(from) : `${number(from)}–${number(to)}`;
    this.#add(`${range}: ${missing(to - from + 1)} (${reason})`);
  }

  #add(line: string): void {
    this.#holes++;
    if (this.#told.length < TOLD) this.#told.push(line);
  }
}

/** What a `lost` entry says: how much, why, and whose. */
export function lostWords(entry: LogEntry): string {
  if (entry.event?.type !== 'lost') return entry.message;
  const { lines, reason, podName = entry.podName, container = entry.container } = entry.event;
  const whose = [podName, container].filter((name) => name !== undefined).join(' ');
  const count = lines === undefined ? 'lines lost' : `${number(lines)} ${lines === 1 ? 'line' : 'lines'} lost`;
  return `${count} before they could be stored (${reason})${whose === '' ? '' : ` of ${whose}`}`;
}

function missing(count: number): string {
  return count === 1 ? '1 line missing' : `${number(count)} lines missing`;
}

function holes(count: number): string {
  return count === 1 ? '1 hole' : `${number(count)} holes`;
}
