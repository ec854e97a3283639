import type { LogEntry, LogEvent } from '@kubidu/contracts';
import type { Sink, SourceLabels, SourceLine, SourceWriter } from '@kubidu/core';
import { LogsError } from '@kubidu/core';

/** An entry as a source handed it over. */
export type RecordedEntry = Omit<LogEntry, 'index'> & { readonly source: string };

/**
 * A sink in memory that keeps what a source hands over, and its cursors, as a store would: what one life of a follower
 * wrote is where the next goes on.
 */
export class RecordingSink implements Sink {
  readonly entries: RecordedEntry[] = [];
  readonly cursors = new Map<string, string>();
  /** Most lines of one call of `lines`. */
  mostLines = 0;
  /** What `sources` was called with last. */
  writing: readonly { readonly podName: string; readonly container: string; readonly state: string }[] = [];
  #failure: LogsError | undefined;
  #held: Promise<void> | undefined;

  cursor(source: string): string | undefined {
    return this.cursors.get(source);
  }

  open(source: string, labels: SourceLabels): SourceWriter {
    const check = (): Promise<void> => (this.#failure ? Promise.reject(this.#failure) : Promise.resolve());
    return {
      lines: (lines: readonly SourceLine[], cursor: string, stream?: 'stdout' | 'stderr') => {
        if (this.#failure) return;
        this.mostLines = Math.max(this.mostLines, lines.length);
        for (const line of lines) this.entries.push({ source, ...labels, ...line, ...(stream && { stream }) });
        this.cursors.set(source, cursor);
      },
      event: (event: LogEvent, cursor: string, timestamp = new Date().toISOString()) => {
        if (this.#failure) return;
        this.entries.push({ source, ...labels, timestamp, message: event.type, stream: 'system', event });
        this.cursors.set(source, cursor);
      },
      ready: async () => {
        await check();
        await this.#held;
        await check();
      },
      flush: check,
    };
  }

  known(): readonly string[] {
    return [...this.cursors.keys()];
  }

  forget(sources: readonly string[]): void {
    if (this.#failure) return;
    for (const source of sources) this.cursors.delete(source);
  }

  sources(sources: RecordingSink['writing']): void {
    this.writing = sources;
  }

  /** The store takes no more, as after a lost lease. */
  fail(): void {
    this.#failure = new LogsError('CONFLICT', 'the lease is lost');
  }

  /** The store is slow: writers wait until the returned function is called. */
  hold(): () => void {
    let release = (): void => undefined;
    this.#held = new Promise((resolve) => (release = resolve));
    return () => {
      this.#held = undefined;
      release();
    };
  }

  /** Lines, system entries left out, in order; of one container's only, if given. */
  lines(container?: string): RecordedEntry[] {
    return this.entries.filter(({ event, container: of }) => !event && (container === undefined || of === container));
  }

  /** Messages of lines, in order; of one container's only, if given. */
  messages(container?: string): string[] {
    return this.lines(container).map(({ message }) => message);
  }

  /** Events of one type, with the labels of their entries. */
  events<T extends LogEvent['type']>(type: T): (RecordedEntry & { readonly event: Extract<LogEvent, { type: T }> })[] {
    return this.entries.filter(
      (entry): entry is RecordedEntry & { event: Extract<LogEvent, { type: T }> } => entry.event?.type === type,
    );
  }
}
