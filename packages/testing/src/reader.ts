import { createHash } from 'node:crypto';

import type { Gap, LogEntry } from '@kubidu/contracts';

import { eventually } from './eventually.ts';
import { judge } from './oracle.ts';
import type { OracleOptions, Verdict, Written } from './oracle.ts';

/** Somebody who reads a stream, by whatever means, and what it got. Whoever starts it disposes of it. */
export abstract class Reader implements AsyncDisposable {
  /** What it is, for messages. */
  abstract readonly kind: string;
  /** Everything that came, in the order of its coming. */
  readonly entries: LogEntry[] = [];
  /** What it was told to be gone. */
  readonly gaps: Gap[] = [];
  /** What went wrong beyond what the reader mends itself. */
  readonly errors: string[] = [];

  /** What it told its user, where it has one. */
  get said(): string {
    return '';
  }

  /** Index of the last entry or gap; 0 before the first. */
  get last(): number {
    return Math.max(this.entries.at(-1)?.index ?? 0, this.gaps.at(-1)?.to ?? 0);
  }

  /** Resolves once it has everything up to that index. */
  async reaches(index: number, timeoutMs = 30_000): Promise<void> {
    try {
      await eventually(() => this.last >= index, { timeoutMs, everyMs: 50 });
    } catch (error) {
      const state = [...this.errors.slice(-3), this.said].filter((text) => text !== '').join('; ');
      throw new Error(`${this.kind} stands at ${this.last}, not at ${index}; ${state}`, { cause: error });
    }
  }

  /** Judges what came against what was written. */
  verdict(written: readonly Written[], options: Omit<OracleOptions, 'gaps'> = {}): Verdict {
    return judge(this.entries, written, { ...options, gaps: this.gaps });
  }

  /** The same for readers who got the same. */
  get fingerprint(): string {
    const hash = createHash('sha256');
    for (const { index, timestamp, podName = '', container = '', message } of this.entries)
      hash.update(`${index} ${timestamp} ${podName} ${container} ${message}\n`);
    return hash.digest('hex');
  }

  abstract [Symbol.asyncDispose](): Promise<void>;
}
