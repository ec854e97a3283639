import type { LogEntry } from '@kubidu/contracts';

import { foldsAt } from '../row/folds.ts';
import type { Fold } from '../row/folds.ts';
import type { EntryCache } from './entry-cache.ts';

/** Entries around fresh ones that are looked at with them: a trace may have begun or go on there. */
const AROUND = 40;

/** Most lines of traces that are known; beyond that all are forgotten, and found again as they are read again. */
const MOST_LINES = 200_000;

/** The stack traces among the entries at hand, found as they come. */
export class Traces {
  readonly #cache: EntryCache;
  /** By every line of a trace, its first one included. */
  #of = new Map<number, Fold>();
  #version = 0;

  constructor(cache: EntryCache) {
    this.#cache = cache;
  }

  /** Another number whenever another line belongs to a trace. */
  get version(): number {
    return this.#version;
  }

  /** The trace that an index belongs to. */
  at(index: number): Fold | undefined {
    return this.#of.get(index);
  }

  /** Looks at entries that became held, ascending. */
  look(fresh: readonly LogEntry[]): void {
    const [first, last] = [fresh[0]?.index, fresh.at(-1)?.index];
    if (first === undefined || last === undefined) return;
    if (this.#of.size > MOST_LINES) this.#of = new Map();
    const from = this.#of.get(first - 1)?.head ?? first - AROUND;
    const to = (this.#of.get(last + 1)?.last ?? last) + AROUND;
    for (const fold of foldsAt(this.#held(from, to))) {
      if (this.#of.get(fold.last)?.head === fold.head) continue;
      for (let index = fold.head; index <= fold.last; index++) this.#of.set(index, fold);
      this.#version++;
    }
  }

  #held(from: number, to: number): LogEntry[] {
    const entries: LogEntry[] = [];
    for (let index = Math.max(1, from); index <= to; index++) {
      const entry = this.#cache.get(index);
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }
}
