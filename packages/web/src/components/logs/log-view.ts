import type { Level } from '@kubidu/contracts';

/** How the time of each line is shown: by the reader's clock, in UTC, as its age, or not at all. */
export type Timestamps = 'local' | 'utc' | 'relative' | 'off';

/** What one sees of a log, all of which is in the address: two who open the same link see the same. */
export interface LogView {
  /** What is searched for, in the query language. */
  readonly query?: string;
  /** Whether only the lines that match `query` are shown; else they are marked among the others. */
  readonly only?: boolean;
  /** The index of the line that is pointed at, which is shown in the middle of its context. */
  readonly line?: number;
  /** Whether new lines keep the newest one in sight. */
  readonly follow: boolean;
  readonly timestamps: Timestamps;
  /** Whether long lines go on below instead of to the right. */
  readonly wrap: boolean;
  /** Only the lines of these pods; absent means all. */
  readonly pods?: readonly string[];
  /** Only the lines of these containers; absent means all. */
  readonly containers?: readonly string[];
  /** Only the lines of this step of a build. */
  readonly step?: number;
  /** Only lines of this level and above; absent means all, also those without one. */
  readonly level?: Level;
  /** Only the indexes from here on: the beginning of a stretch that was chosen in the histogram. */
  readonly from?: number;
  /** Only the indexes up to here. */
  readonly to?: number;
}

/** What a log is shown as when nobody chose anything. */
export const initialLogView: LogView = { follow: true, timestamps: 'local', wrap: false };
