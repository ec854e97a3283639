import { randomUUID } from 'node:crypto';

import type { LogEvent, Source, StreamId } from '@kubidu/contracts';
import { Appender } from '@kubidu/core';
import type { AppenderOptions, Sink, SourceLabels, SourceLine, SourceWriter } from '@kubidu/core';

/** What all writers of a service have in common. */
export interface ServiceSinkOptions extends Pick<
  AppenderOptions,
  'store' | 'fence' | 'clock' | 'budget' | 'onAppend' | 'onRetry'
> {
  readonly stream: StreamId;
  /** Where each source stopped. */
  readonly cursors: ReadonlyMap<string, string>;
  readonly onSources: (sources: readonly Source[]) => void;
  readonly onLost: (reason: string, lines: number) => void;
}

/** Where the lines of one followed service go, as long as one lease is held. Owns its writers. */
export class ServiceSink implements Sink {
  readonly #options: ServiceSinkOptions;
  readonly #cursors: Map<string, string>;
  readonly #writers = new Map<string, Appender>();
  readonly #retiring = new Set<Promise<void>>();

  constructor(options: ServiceSinkOptions) {
    this.#options = options;
    this.#cursors = new Map(options.cursors);
  }

  cursor(source: string): string | undefined {
    return this.#cursors.get(source);
  }

  sources(sources: readonly Source[]): void {
    this.#options.onSources(sources);
  }

  /** Opened again, a source goes on with the writer it has: two would not know of each other's order. */
  open(source: string, labels: SourceLabels): SourceWriter {
    const { stream, store, fence, clock, budget, onAppend, onRetry } = this.#options;
    let appender = this.#writers.get(source);
    if (!appender) {
      appender = new Appender({
        store,
        stream,
        source,
        labels,
        clock,
        writer: randomUUID(),
        ...(fence !== undefined && { fence }),
        ...(budget && { budget }),
        ...(onAppend && { onAppend }),
        ...(onRetry && { onRetry }),
      });
      this.#writers.set(source, appender);
    }
    return this.#remembering(source, appender);
  }

  /** Everything handed over is stored. Rejects when a writer failed. */
  async flush(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.flush()));
  }

  /** Ends every writer; what is not stored is dropped, and read again by whoever follows next. Never throws. */
  async close(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.close()));
    await Promise.all(this.#retiring);
    this.#options.onSources([]);
  }

  /** The writer, remembering how far its source has come. */
  #remembering(source: string, appender: Appender): SourceWriter {
    return {
      lines: (lines: readonly SourceLine[], cursor: string, stream?: 'stdout' | 'stderr') => {
        this.#cursors.set(source, cursor);
        appender.lines(lines, cursor, stream);
      },
      event: (event: LogEvent, cursor: string, timestamp?: string) => {
        this.#cursors.set(source, cursor);
        if (event.type === 'lost') this.#options.onLost(event.reason, event.lines ?? 0);
        appender.event(event, cursor, timestamp);
        if (event.type === 'container-exited' || event.type === 'pod-deleted') this.#retire(source, appender);
      },
      ready: () => appender.ready(),
      flush: () => appender.flush(),
    };
  }

  /** Forgets a writer whose source has ended once its last words are stored: a crash loop opens a new one each time. */
  #retire(source: string, appender: Appender): void {
    const retired = appender
      .flush()
      .catch(() => undefined) // the sink ends, and with it the writer
      .then(() => {
        if (this.#writers.get(source) === appender) this.#writers.delete(source);
        this.#retiring.delete(retired);
      });
    this.#retiring.add(retired);
  }
}
