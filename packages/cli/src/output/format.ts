import type { LogEntry, Source } from '@kubidu/contracts';

import { jsonLine } from './json-line.ts';
import { TextFormat } from './text-format.ts';
import { terminalText } from './terminal-text.ts';

/** Turns entries into what is printed: one string for a batch, every line with its line end. */
export interface Format {
  /** Whether entries of the system (starts, exits, losses) are printed. */
  readonly system: boolean;
  format(entries: readonly LogEntry[]): string;
  /** Hears who writes now, before their first lines. */
  sources?(sources: readonly Source[]): void;
}

export type OutputKind = 'text' | 'json' | 'raw';

export interface FormatOptions {
  readonly output: OutputKind;
  readonly timestamps: boolean;
  readonly prefix: boolean;
  readonly colours: boolean;
  /** Whether it goes to a terminal, which controls could harm. */
  readonly terminal: boolean;
}

export function formatOf(options: FormatOptions): Format {
  switch (options.output) {
    case 'json':
      return { system: true, format: (entries) => joined(entries, jsonLine) };
    case 'raw':
      return options.terminal
        ? {
            system: false,
            format: (entries) => joined(entries, (entry) => terminalText(entry.message, options.colours)),
          }
        : { system: false, format: (entries) => joined(entries, (entry) => entry.message) };
    case 'text':
      return new TextFormat(options);
  }
}

function joined(entries: readonly LogEntry[], line: (entry: LogEntry) => string): string {
  let text = '';
  for (const entry of entries) text += `${line(entry)}\n`;
  return text;
}
