import { readFileSync } from 'node:fs';

import { writeAtomically } from './atomic-file.ts';

/** How often it is written down while lines are printed, in milliseconds. */
const EVERY_MS = 5_000;

/** Remembers, for `--since-last`, the last line of a stream that this machine printed. */
export class Printed {
  readonly #path: string;
  readonly #now: () => number;
  /** What the file says; 0 where nothing was printed yet. */
  readonly before: number;
  #index = 0;
  #saved = 0;
  #savedAt: number;
  #failure: Error | undefined;

  constructor(path: string, now: () => number = Date.now) {
    this.#path = path;
    this.#now = now;
    this.#savedAt = now();
    this.before = readIndex(path);
  }

  /** Why it could not be written down last, if so. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** This line is printed. */
  through(index: number): void {
    this.#index = Math.max(this.#index, index);
    if (this.#now() - this.#savedAt >= EVERY_MS) this.save();
  }

  /**
   * Writes it down. Looking at older lines again does not move it back, unless the stream itself is shorter than what was
   * printed: then it is another one of that name.
   */
  save(lastIndex = Infinity): void {
    this.#savedAt = this.#now();
    const known = this.before > lastIndex ? 0 : this.before;
    if (this.#index <= Math.max(known, this.#saved)) return;
    try {
      writeAtomically(this.#path, `${JSON.stringify({ index: this.#index })}\n`, 0o600);
      this.#saved = this.#index;
    } catch (error) {
      this.#failure = error as Error;
    }
  }
}

function readIndex(path: string): number {
  try {
    const { index } = JSON.parse(readFileSync(path, 'utf8')) as { index?: unknown };
    return typeof index === 'number' && Number.isSafeInteger(index) && index > 0 ? index : 0;
  } catch {
    return 0; // never printed, or a damaged note: start as if never printed
  }
}
