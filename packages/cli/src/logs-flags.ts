import type { ColourWhen } from './output/colours.ts';
import type { OutputKind } from './output/format.ts';
import type { ServerFlags } from './settings.ts';

/** The flags of `kubidu logs`, parsed. */
export interface LogsFlags extends ServerFlags {
  readonly follow?: boolean;
  /** Of which deployment; true: of the service's latest. */
  readonly build?: string | true;
  readonly lines?: number | 'all';
  /** Epoch milliseconds. */
  readonly since?: number;
  readonly until?: number;
  readonly sinceIndex?: number;
  readonly sinceLast?: boolean;
  readonly grep?: string;
  readonly level?: string;
  readonly pod?: readonly string[];
  readonly container?: readonly string[];
  readonly output: OutputKind;
  readonly timestamps: boolean;
  readonly prefix: boolean;
  readonly color: ColourWhen;
  readonly check?: boolean;
}
