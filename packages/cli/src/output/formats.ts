import type { LogEntry } from '@kubidu/contracts';

import { BuildFormat } from './build-format.ts';
import type { Format, FormatOptions } from './format.ts';
import { jsonLine } from './json-line.ts';
import { terminalText } from '@kubidu/text';
import { TextFormat } from './text-format.ts';

/** The format that was asked for. */
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
      return options.build ? new BuildFormat({ ...options, ...options.build }) : new TextFormat(options);
  }
}

function joined(entries: readonly LogEntry[], line: (entry: LogEntry) => string): string {
  let text = '';
  for (const entry of entries) text += `${line(entry)}\n`;
  return text;
}
