import type { MissingReason } from '@kubidu/client';
import type { LogEntry } from '@kubidu/contracts';
import { number } from '@kubidu/text';

import { Completeness, lostWords } from './completeness.ts';
import type { Format } from './output/format.ts';
import type { Notices } from './output/notices.ts';
import type { Output } from './output/output.ts';
import type { Printed } from './printed.ts';
import type { Matches } from './selection.ts';

export interface PrinterOptions {
  readonly format: Format;
  readonly output: Output;
  readonly notices: Notices;
  readonly printed: Printed;
  readonly matches: Matches | undefined;
  /** Whether losses are said on stderr too: where the reader would not see them among the lines. */
  readonly tellLosses: boolean;
  /** Hears of everything that is read, before it is printed. */
  readonly observe?: ((entries: readonly LogEntry[]) => void) | undefined;
}

/** Prints what a stream gives: every batch in one write, and nothing waits when there is nothing to wait for. */
export class Printer {
  /** Of everything read, also of what was not selected. */
  readonly completeness = new Completeness();
  readonly #options: PrinterOptions;

  constructor(options: PrinterOptions) {
    this.#options = options;
  }

  /** Resolves when there is room for more. */
  async print(entries: LogEntry[]): Promise<void> {
    const { format, output, printed, matches, tellLosses, notices, observe } = this.#options;
    observe?.(entries);
    this.completeness.entries(entries);
    if (tellLosses) for (const entry of entries) if (entry.event?.type === 'lost') notices.say(lostWords(entry));
    const wanted = matches === undefined ? entries : entries.filter(matches);
    const last = wanted.at(-1);
    if (last === undefined) return;
    const text = format.format(wanted);
    if (text !== '') await output.write(text);
    printed.through(last.index);
  }

  /** Says on stderr what cannot be printed. */
  gap(gap: { from: number; to: number; reason: MissingReason }): void {
    this.completeness.gap(gap);
    const { from, to, reason } = gap;
    const range = from === to ? `line ${number(from)} is` : `lines ${number(from)}–${number(to)} are`;
    this.#options.notices.say(
      `${range} ${reason === 'unexplained' ? 'missing, without a reason given' : `gone (${reason})`}`,
    );
  }
}
