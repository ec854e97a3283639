import type { LogEntry, LogHistogram } from '@kubidu/contracts';

import type { Bar } from './level-counts.ts';
import { LevelHistogram } from './level-histogram.ts';
import type { LogSource } from './log-source.ts';
import type { LogWindow } from './log-window.ts';

/** Buckets that are asked for: finer than what is drawn, so that a log that grows can be drawn as finely. */
const BUCKETS = 240;
/** Answers that are taken one after the other where one does not reach the beginning: of two million lines or less. */
const MOST_ANSWERS = 10;
/** How often the server is asked again, in milliseconds, where something is not counted. */
const AGAIN_MS = 60_000;

export interface HistoryHistogramOptions {
  readonly source: LogSource;
  readonly window: LogWindow;
  readonly now: () => number;
}

/**
 * How many entries of which level were written when, of the whole history: the server says it once, and what comes behind
 * that is counted here. Until it did, and where it cannot, of what is at hand.
 */
export class HistoryHistogram {
  readonly #source: LogSource;
  readonly #window: LogWindow;
  readonly #now: () => number;
  readonly #stop = new AbortController();
  #levels = new LevelHistogram();
  #from = 1;
  #complete = false;
  #askedAt = -Infinity;
  #asking = false;

  constructor({ source, window, now }: HistoryHistogramOptions) {
    this.#source = source;
    this.#window = window;
    this.#now = now;
    window.onEntries((entries) => this.#onEntries(entries));
    window.subscribe(() => this.#askWhereMissing());
  }

  /** Whether every line that is kept is counted, from the first one on. */
  get complete(): boolean {
    return this.#complete;
  }

  /** At most `most` bars of one width, from the first entry to the last, without those in which nothing was written. */
  bars(most: number): Bar[] {
    return this.#levels.bars(most);
  }

  /** Asks nothing any more. */
  close(): void {
    this.#stop.abort();
  }

  #onEntries(entries: readonly LogEntry[]): void {
    this.#levels.add(entries);
  }

  #askWhereMissing(): void {
    const { last, waiting } = this.#window.getSnapshot();
    const to = last + waiting;
    if (to === 0 || this.#asking || this.#now() - this.#askedAt < AGAIN_MS) return;
    if (this.#levels.missing({ from: this.#from, to }).length === 0) {
      this.#complete ||= this.#from === 1;
      return;
    }
    this.#asking = true;
    this.#askedAt = this.#now();
    this.#ask().then(
      () => (this.#asking = false),
      // What is at hand is counted all the same.
      () => (this.#asking = false),
    );
  }

  async #ask(): Promise<void> {
    const answers: LogHistogram[] = [];
    for (let before: number | undefined; answers.length < MOST_ANSWERS; before = answers.at(-1)?.scannedTo) {
      const answer = await this.#source.histogram({ buckets: BUCKETS, before }, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      answers.push(answer);
      this.#take(answers);
      if (answer.complete || answer.scannedTo === before) return;
    }
  }

  /** Counts anew: what was at hand may be among what the server counted. */
  #take(answers: readonly LogHistogram[]): void {
    const levels = new LevelHistogram();
    for (const answer of answers) levels.addCounted(answer);
    for (const entries of this.#window.cache.nearest(1)) levels.add(entries);
    this.#levels = levels;
    const oldest = answers.at(-1) as LogHistogram;
    this.#complete = oldest.complete;
    this.#from = oldest.complete ? 1 : oldest.scannedTo;
    this.#window.changed();
  }
}
