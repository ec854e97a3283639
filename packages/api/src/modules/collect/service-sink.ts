import { randomUUID } from 'node:crypto';

import type { LogEvent, Source, StreamId } from '@kubidu/contracts';
import { Appender, MaskingWriter } from '@kubidu/core';
import type { AppenderOptions, LogStore, Masker, Sink, SourceLabels, SourceLine, SourceWriter } from '@kubidu/core';

/** What all writers of a service have in common. */
export interface ServiceSinkOptions extends Pick<
  AppenderOptions,
  'fence' | 'clock' | 'budget' | 'onAppend' | 'onRetry'
> {
  readonly store: LogStore;
  readonly stream: StreamId;
  readonly masker: Masker;
  /** Where each source stopped. */
  readonly cursors: ReadonlyMap<string, string>;
  readonly onSources: (sources: readonly Source[]) => void;
  readonly onLost: (reason: string, lines: number) => void;
}

/** The way of one source's lines: masked, then appended. */
interface Writer {
  readonly masking: MaskingWriter;
  readonly appender: Appender;
}

/** Where the lines of one followed service go, as long as one lease is held. Owns its writers. */
export class ServiceSink implements Sink {
  readonly #options: ServiceSinkOptions;
  readonly #cursors: Map<string, string>;
  readonly #writers = new Map<string, Writer>();
  /** What is waited for at the end; none of it rejects. */
  readonly #tasks = new Set<Promise<void>>();
  #closed = false;

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

  known(): readonly string[] {
    return [...this.#cursors.keys()];
  }

  forget(sources: readonly string[]): void {
    if (this.#closed) return;
    const known = sources.filter((source) => this.#cursors.delete(source) || this.#writers.has(source));
    if (known.length > 0) this.#own(this.#forget(known));
  }

  /** Opened again, a source goes on with the writer it has: two would not know of each other's order. */
  open(source: string, labels: SourceLabels): SourceWriter {
    let writer = this.#writers.get(source);
    if (!writer) {
      writer = this.#begin(source, labels);
      this.#writers.set(source, writer);
      if (this.#closed) this.#own(close(writer));
    }
    return this.#remembering(source, writer);
  }

  /** Everything handed over is stored, and what was to be forgotten is. Rejects when a writer failed. */
  async flush(): Promise<void> {
    await Promise.all([...[...this.#writers.values()].map(({ masking }) => masking.flush()), ...this.#tasks]);
  }

  /**
   * Ends every writer, also those to come; what is not stored is dropped, and read again by whoever follows next. Never
   * throws; may be called again.
   */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#writers.values()].map(close));
    await Promise.all(this.#tasks);
    this.#options.onSources([]);
  }

  #begin(source: string, labels: SourceLabels): Writer {
    const { stream, store, fence, clock, budget, masker, onAppend, onRetry } = this.#options;
    const appender = new Appender({
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
    return { appender, masking: new MaskingWriter({ writer: appender, masker, clock }) };
  }

  /** The writer, remembering how far its source has come. */
  #remembering(source: string, writer: Writer): SourceWriter {
    const { masking } = writer;
    return {
      lines: (lines: readonly SourceLine[], cursor: string, stream?: 'stdout' | 'stderr') => {
        this.#cursors.set(source, cursor);
        masking.lines(lines, cursor, stream);
      },
      event: (event: LogEvent, cursor: string, timestamp?: string) => {
        this.#cursors.set(source, cursor);
        // Of a loss that nobody can count at least one line is gone: an alert on the metric must see it.
        if (event.type === 'lost') this.#options.onLost(event.reason, event.lines ?? 1);
        masking.event(event, cursor, timestamp);
        if (event.type === 'container-exited' || event.type === 'pod-deleted') this.#retire(source, writer);
      },
      ready: () => masking.ready(),
      flush: () => masking.flush(),
    };
  }

  /** A crash loop opens a writer each time: that of a source which has ended goes once its last words are stored. */
  #retire(source: string, writer: Writer): void {
    this.#own(
      writer.masking
        .flush()
        .then(() => this.#drop(source, writer))
        .catch(() => undefined), // the sink ends, and with it the writer
    );
  }

  async #forget(sources: readonly string[]): Promise<void> {
    const { store, stream } = this.#options;
    try {
      for (const source of sources) await this.#end(source);
      if (!this.#closed) await store.trim(stream, { sources });
    } catch {
      // The sink ends, or the store is away: whoever follows next forgets them.
    }
  }

  async #end(source: string): Promise<void> {
    const writer = this.#writers.get(source);
    if (!writer) return;
    await writer.masking.flush();
    await close(writer);
    this.#drop(source, writer);
  }

  #drop(source: string, writer: Writer): void {
    if (this.#writers.get(source) === writer) this.#writers.delete(source);
  }

  #own(task: Promise<void>): void {
    const owned = task.finally(() => this.#tasks.delete(owned));
    this.#tasks.add(owned);
  }
}

async function close({ masking, appender }: Writer): Promise<void> {
  await masking.close();
  await appender.close();
}
