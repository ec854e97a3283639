import type { LogEntry } from '@kubidu/contracts';
import type { Query } from '@kubidu/query';

import { MemberBatch } from './archive/member-batch.ts';
import type { Batch } from './batch.ts';
import { Excerpt } from './excerpt.ts';
import { LogsError } from './logs-error.ts';
import type { Sieve } from './sieve.ts';
import type { TimeRange } from './time-range.ts';

/** What a filter is given beside its query. */
export interface QueryFilterOptions {
  /** Only entries of this time. */
  readonly time?: TimeRange | undefined;
  /** Told how many lines were looked at, each time. */
  readonly onScan?: ((lines: number) => void) | undefined;
  /** CPU time that the process has used, in microseconds. Without it a query may cost whatever it does. */
  readonly cpuUs?: (() => number) | undefined;
}

/**
 * Microseconds a query may cost, and the same again for each character: ordinary ones cost a hundredth. There are patterns
 * that cost twenty times as much and more; linear as they are, they would leave the process nothing for others.
 */
const ALLOWED_US = 300_000;
const ALLOWED_US_A_CHARACTER = 1;
/** Lines between two looks at what it cost. */
const LINES_A_LOOK = 16;

/**
 * What a reader wants of a stream: what matches a query, what is of some time, or both. Asks it of batches, of each once: whoever shares a filter shares its answers, which are kept for as long as
 * somebody holds the batch. Lines are parsed only where their JSON says that they may match.
 */
export class QueryFilter {
  readonly #query: Query | undefined;
  readonly #time: TimeRange | undefined;
  readonly #onScan: ((lines: number) => void) | undefined;
  readonly #cpuUs: (() => number) | undefined;
  readonly #answers = new WeakMap<Batch, Excerpt>();
  readonly #sieve: Sieve | undefined;
  #left = ALLOWED_US;

  constructor(query: Query | undefined, { time, onScan, cpuUs }: QueryFilterOptions = {}) {
    this.#query = query;
    this.#time = time;
    this.#onScan = onScan;
    this.#cpuUs = cpuUs;
    this.#sieve = sieveOf(query, time);
  }

  /** What need not be read for it; undefined where everything has to be. */
  get sieve(): Sieve | undefined {
    return this.#sieve;
  }

  /**
   * What of the batch matches, possibly nothing.
   * @throws {LogsError} INVALID_ARGUMENT once the query has cost too much, from then on always
   */
  select(batch: Batch): Excerpt {
    let answer = this.#answers.get(batch);
    if (!answer) {
      if (this.#left < 0) throw tooExpensive();
      answer = this.#ask(batch);
      this.#answers.set(batch, answer);
      this.#onScan?.(batch.count);
    }
    return answer;
  }

  #ask(batch: Batch): Excerpt {
    const indexes: number[] = [];
    const lines: string[] = [];
    let looked = 0;
    // Looking through a whole member costs little for each of its characters, and nothing is said of those it leaves out.
    let size = batch instanceof MemberBatch ? batch.size : 0;
    let before = this.#cpuUs?.() ?? 0;
    for (const [index, line] of this.#candidates(batch)) {
      size += line.length;
      if (this.#selects(line)) {
        indexes.push(index);
        lines.push(line);
      }
      if (++looked % LINES_A_LOOK !== 0) continue;
      before = this.#charge(size, before);
      size = 0;
    }
    this.#charge(size, before);
    return new Excerpt(indexes, lines);
  }

  /** Entries that may be selected, ascending. */
  #candidates(batch: Batch): Iterable<readonly [index: number, line: string]> {
    const screen = this.#query?.screen;
    return screen && batch instanceof MemberBatch ? batch.candidates(screen) : entriesOf(batch);
  }

  /** @throws {LogsError} once too much was spent */
  #charge(size: number, before: number): number {
    const now = this.#cpuUs?.() ?? 0;
    // What cheap lines left over is not saved up for costly ones.
    this.#left = Math.min(ALLOWED_US, this.#left + size * ALLOWED_US_A_CHARACTER - (now - before));
    if (this.#left < 0) throw tooExpensive();
    return now;
  }

  #selects(line: string): boolean {
    if (this.#time && !this.#time.holds(line)) return false;
    return !this.#query || (this.#query.mayMatch(line) && this.#query.matches(JSON.parse(line) as LogEntry));
  }
}

function* entriesOf({ first, lines }: Batch): Generator<readonly [index: number, line: string]> {
  for (const [at, line] of lines.entries()) yield [first + at, line];
}

/** A member that neither the time nor the query excludes may hold what is asked for. */
function sieveOf(query: Query | undefined, time: TimeRange | undefined): Sieve | undefined {
  const asksTexts = query?.isSelective ?? false;
  if (!asksTexts && !time) return undefined;
  return {
    asksTexts,
    admits: (summary) => {
      const { from, to } = summary;
      const isUntimed = from === 0 && to === 0;
      return (!time || isUntimed || time.touches(from, to)) && (query?.mayMatchAny(summary) ?? true);
    },
  };
}

function tooExpensive(): LogsError {
  const message = 'costs too much on these lines: its patterns take too many steps for each character';
  return new LogsError('INVALID_ARGUMENT', `query ${message}`, { details: [{ field: 'query', message }] });
}
