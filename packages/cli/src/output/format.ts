import type { LogEntry, Source } from '@kubidu/contracts';

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
  /** Of a build: whether the entry that says how it ended is printed among the lines. Absent: no build. */
  readonly build?: { readonly finish: boolean } | undefined;
}
