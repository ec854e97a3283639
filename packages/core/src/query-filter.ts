import type { LogEntry } from '@kubidu/contracts';
import type { Query } from '@kubidu/query';

import type { Batch } from './batch.ts';
import { Excerpt } from './excerpt.ts';

/**
 * Asks a query of batches, of each once: whoever shares a filter shares its answers, which are kept for as long as
 * somebody holds the batch. Lines are parsed only where their JSON says that they may match.
 */
export class QueryFilter {
  readonly #query: Query;
  readonly #onScan: ((lines: number) => void) | undefined;
  readonly #answers = new WeakMap<Batch, Excerpt>();

  /** `onScan` is told how many lines were looked at, each time. */
  constructor(query: Query, onScan?: (lines: number) => void) {
    this.#query = query;
    this.#onScan = onScan;
  }

  /** What of the batch matches, possibly nothing. */
  select(batch: Batch): Excerpt {
    let answer = this.#answers.get(batch);
    if (!answer) {
      answer = this.#ask(batch);
      this.#answers.set(batch, answer);
      this.#onScan?.(batch.lines.length);
    }
    return answer;
  }

  #ask({ first, lines: all }: Batch): Excerpt {
    const indexes: number[] = [];
    const lines: string[] = [];
    for (const [at, line] of all.entries()) {
      if (!this.#query.mayMatch(line) || !this.#query.matches(JSON.parse(line) as LogEntry)) continue;
      indexes.push(first + at);
      lines.push(line);
    }
    return new Excerpt(indexes, lines);
  }
}
