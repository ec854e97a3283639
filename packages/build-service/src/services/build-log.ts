import { randomUUID } from 'node:crypto';

import type { LogEvent, StreamId } from '@kubidu/contracts';
import { Appender, cutMessage } from '@kubidu/core';
import type { AppendReport, BuildOutput, Clock, LogStore, SourceLine, SourceWriter, WriteBudget } from '@kubidu/core';

import { SpoolingWriter } from '../spool/spooling-writer.ts';
import type { SpoolingWriterOptions } from '../spool/spooling-writer.ts';

/** Puts something in front of a writer, like masking of these secrets. What can be disposed of is, before the writer closes. */
export type WriterFor = (inner: SourceWriter, secrets: readonly string[]) => SourceWriter & Partial<AsyncDisposable>;

/** What the log of one attempt at a build needs. */
export interface BuildLogOptions {
  /** As the holder of the build's lease writes to it. */
  readonly store: Pick<LogStore, 'append'>;
  readonly stream: StreamId;
  readonly secrets: readonly string[];
  readonly writerFor: WriterFor;
  readonly spool: Omit<SpoolingWriterOptions, 'clock'>;
  readonly clock: Clock;
  readonly budget?: WriteBudget;
  /** Called after each append. Must not throw. */
  readonly onAppend?: (report: AppendReport) => void;
  /** Number of the last step that the stream has from an earlier attempt; absent where there was none. */
  readonly lastStep?: number;
}

/** The source of a build's stream; its cursor is the highest number of a step so far. */
export const BUILD_SOURCE = 'build';

/** Most lines that a writer takes at once. */
const LINES_AT_ONCE = 500;

/**
 * Writes one attempt at a build to its stream: masked first, then kept on disk while the store is away, then appended.
 * Steps go on where an earlier attempt stopped. Whoever opens it closes it.
 */
export class BuildLog implements BuildOutput {
  readonly #appender: Appender;
  readonly #spooling: SpoolingWriter;
  readonly #writer: ReturnType<WriterFor>;
  readonly #clock: Clock;
  readonly #firstStep: number;
  #highest: number;

  constructor(options: BuildLogOptions) {
    const { store, stream, clock, budget, onAppend, lastStep, spool, writerFor, secrets } = options;
    this.#appender = new Appender({
      ...{ store, stream, clock, labels: {}, source: BUILD_SOURCE, writer: randomUUID() },
      ...(budget && { budget }),
      ...(onAppend && { onAppend }),
    });
    this.#spooling = new SpoolingWriter(this.#appender, { ...spool, clock });
    this.#writer = writerFor(this.#spooling, secrets);
    this.#clock = clock;
    this.#firstStep = lastStep === undefined ? 0 : lastStep + 1;
    this.#highest = lastStep ?? 0;
  }

  lines(lines: readonly SourceLine[], stream?: 'stdout' | 'stderr', step?: number): void {
    this.#writer.lines(lines, this.#cursor(step), stream, this.#numberOf(step));
  }

  event(event: LogEvent, timestamp = this.#now()): void {
    const own = event.type === 'build-step' ? { ...event, step: this.#firstStep + event.step } : event;
    this.#writer.event(own, this.#cursor(event.type === 'build-step' ? event.step : undefined), timestamp);
  }

  /** Says something of the build itself, on standard error. */
  say(text: string): void {
    const timestamp = this.#now();
    const lines = text.split('\n').map((line): SourceLine => {
      const { message, truncated } = cutMessage(line);
      return { timestamp, message, ...(truncated > 0 && { truncated }) };
    });
    for (let at = 0; at < lines.length; at += LINES_AT_ONCE) this.lines(lines.slice(at, at + LINES_AT_ONCE), 'stderr');
  }

  ready(): Promise<void> {
    return this.#writer.ready();
  }

  /** Resolves once everything is stored. */
  flush(): Promise<void> {
    return this.#writer.flush();
  }

  /** What is not stored is dropped. Idempotent; never throws. */
  async close(): Promise<void> {
    await this.#writer[Symbol.asyncDispose]?.();
    await this.#spooling.close();
    await this.#appender.close();
  }

  #numberOf(step: number | undefined): number | undefined {
    return step === undefined ? undefined : this.#firstStep + step;
  }

  #cursor(step = 0): string {
    this.#highest = Math.max(this.#highest, this.#firstStep + step);
    return String(this.#highest);
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}
