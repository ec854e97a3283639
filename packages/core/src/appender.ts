import type { LogEvent, StreamId } from '@kubidu/contracts';

import type { Clock } from './clock.ts';
import { encodeEntry } from './encode-entry.ts';
import { eventMessage } from './event-message.ts';
import { LineEncoder } from './line-encoder.ts';
import type { SourceLabels, SourceLine, SourceWriter } from './log-source.ts';
import type { LogStore } from './log-store.ts';
import { hasCode, LogsError } from './logs-error.ts';
import { WriteBudget } from './write-budget.ts';

/** What one append carried and took. */
export interface AppendReport {
  readonly stream: StreamId;
  readonly lines: number;
  readonly bytes: number;
  /** From handing the batch to the store to its answer. */
  readonly tookMs: number;
  /** Time of the batch's first line as its source stamped it. */
  readonly writtenAt: string;
}

/** How an appender is set up. */
export interface AppenderOptions {
  readonly store: Pick<LogStore, 'append'>;
  readonly stream: StreamId;
  /** Names the source within the stream. */
  readonly source: string;
  readonly labels: SourceLabels;
  /** The lease's number, checked by the store. */
  readonly fence?: number;
  /** Unique for this life of the writer. */
  readonly writer: string;
  readonly clock: Clock;
  /** Shared by all appenders of the process. */
  readonly budget?: WriteBudget;
  readonly onAppend?: (report: AppendReport) => void;
  /** The store was away; called for each failed try. */
  readonly onRetry?: (error: LogsError) => void;
}

interface Group {
  readonly lines: readonly string[];
  readonly bytes: number;
  readonly cursor: string;
  readonly writtenAt: string;
}

const BATCH_LINES = 500;
const BATCH_BYTES = 1024 * 1024;
/**
 * What a source may be ahead of the store. Each line is some ten small objects until it is stored, and every collection
 * of garbage copies all of them: a mebibyte took a tenth more CPU. With 64 KiB nothing is made while a batch is under way.
 */
const PENDING_BYTES = 128 * 1024;
const RETRY_MS = 50;
const RETRY_MOST_MS = 1_000;
/** Longest that `close` waits for an append under way: longer than a store's own time-out. */
const CLOSE_MS = 6_000;

/**
 * The write path of one source: encodes lines as they come and appends what is there at once when no append is under
 * way; while one is, what comes collects for the next. So an idle stream's line goes out alone, and a busy one's batches
 * grow as large as the store needs. Holds 128 KiB; beyond that `ready` waits, and with it the source.
 */
export class Appender implements SourceWriter {
  readonly #options: AppenderOptions;
  readonly #encoder: LineEncoder;
  readonly #budget: WriteBudget;
  readonly #closed = new AbortController();
  #groups: Group[] = [];
  #pendingBytes = 0;
  #sequence = 0;
  #pump: Promise<void> | undefined;
  #failure: LogsError | undefined;
  #waiters: (() => void)[] = [];
  #giveUp: (() => void) | undefined;

  constructor(options: AppenderOptions) {
    this.#options = options;
    this.#encoder = new LineEncoder(options.labels);
    this.#budget = options.budget ?? new WriteBudget();
  }

  lines(lines: readonly SourceLine[], cursor: string, stream?: 'stdout' | 'stderr', step?: number): void {
    const first = lines[0];
    if (first) this.#add(this.#encoder.encode(lines, stream, step), cursor, first.timestamp);
  }

  event(event: LogEvent, cursor: string, timestamp = new Date(this.#options.clock.now()).toISOString()): void {
    const { podName, container, restart } = this.#options.labels;
    const line = encodeEntry({
      timestamp,
      message: eventMessage(event),
      stream: 'system',
      ...(podName !== undefined && { podName }),
      ...(container !== undefined && { container }),
      ...(restart !== undefined && { restart }),
      event,
    });
    this.#add([line], cursor, timestamp);
  }

  async ready(): Promise<void> {
    while (this.#failure === undefined && (this.#pendingBytes >= PENDING_BYTES || this.#budget.full)) {
      await this.#change();
      // The next append goes out first: the store works while its lines' successors are framed and encoded.
      await new Promise(setImmediate);
    }
    if (this.#failure) throw this.#failure;
  }

  async flush(): Promise<void> {
    while (this.#failure === undefined && this.#pump !== undefined) await this.#change();
    if (this.#failure) throw this.#failure;
  }

  /**
   * Ends the writer: what is not stored yet is dropped (its cursor did not move, so it is read again). Waits for the append
   * under way, so that whoever asks for the cursor next learns of it; a store that hangs is waited for 6 s. Never throws.
   */
  async close(): Promise<void> {
    this.#fail(new LogsError('CONFLICT', `the writer to ${this.#options.stream} is closed`));
    this.#budget.offRoom(this.#wake);
    if (!this.#pump) return;
    const waiting = new AbortController();
    await Promise.race([this.#pump, this.#options.clock.sleep(CLOSE_MS, waiting.signal).catch(() => undefined)]);
    waiting.abort();
    this.#giveUp?.();
  }

  #add(lines: readonly string[], cursor: string, writtenAt: string): void {
    if (this.#failure) return;
    let bytes = 0;
    for (const line of lines) bytes += line.length;
    this.#groups.push({ lines, bytes, cursor, writtenAt });
    this.#pendingBytes += bytes;
    this.#budget.take(bytes);
    this.#pump ??= this.#run();
  }

  /** Appends until nothing is left. Never rejects. */
  async #run(): Promise<void> {
    while (this.#groups.length > 0 && !this.#failure) await this.#appendNext();
    this.#pump = undefined;
    this.#wake();
  }

  /** Never rejects. */
  async #appendNext(): Promise<void> {
    const { store, stream, source, writer, fence, clock, onAppend } = this.#options;
    const groups = this.#take();
    const last = groups.at(-1);
    if (!last) return;
    const bytes = groups.reduce((sum, group) => sum + group.bytes, 0);
    const lines = groups.length === 1 ? last.lines : groups.flatMap((group) => group.lines);
    const position = { source, cursor: last.cursor, writer, sequence: ++this.#sequence };
    const release = (this.#giveUp = () => {
      if (this.#giveUp !== release) return;
      this.#giveUp = undefined;
      this.#release(bytes);
    });
    try {
      const started = clock.now();
      await this.#untilStored(() => store.append(stream, lines, { position, ...(fence !== undefined && { fence }) }));
      const tookMs = clock.now() - started;
      onAppend?.({ stream, lines: lines.length, bytes, tookMs, writtenAt: groups[0]?.writtenAt ?? last.writtenAt });
    } catch (error) {
      // Before the release: whoever waits for room must not be told of any.
      this.#fail(error instanceof LogsError ? error : new LogsError('INTERNAL', 'appending failed', { cause: error }));
    } finally {
      release();
    }
  }

  /** As many groups as make a batch, at least one. */
  #take(): Group[] {
    let lines = 0;
    let bytes = 0;
    const end = this.#groups.findIndex((group, at) => {
      lines += group.lines.length;
      bytes += group.bytes;
      return at > 0 && (lines > BATCH_LINES || bytes > BATCH_BYTES);
    });
    return this.#groups.splice(0, end < 0 ? this.#groups.length : end);
  }

  /** The same batch again and again while the store is away: it knows a repeated one by its sequence. */
  async #untilStored(append: () => Promise<unknown>): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await append();
        return;
      } catch (error) {
        if (this.#failure || !hasCode(error, 'UNAVAILABLE')) throw error;
        this.#options.onRetry?.(error);
        await this.#options.clock.sleep(Math.min(RETRY_MS * 2 ** tries, RETRY_MOST_MS), this.#closed.signal);
      }
    }
  }

  #release(bytes: number): void {
    this.#pendingBytes -= bytes;
    this.#budget.give(bytes);
    this.#wake();
  }

  #fail(error: LogsError): void {
    if (this.#failure) return;
    this.#failure = error;
    const dropped = this.#groups.reduce((sum, group) => sum + group.bytes, 0);
    this.#groups = [];
    this.#release(dropped);
    this.#closed.abort(error);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
      if (this.#budget.full) this.#budget.onRoom(this.#wake);
    });
  }

  readonly #wake = (): void => {
    if (this.#waiters.length === 0) return;
    const woken = this.#waiters;
    this.#waiters = [];
    for (const wake of woken) wake();
  };
}
