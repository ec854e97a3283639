import type { LogEvent } from '@kubidu/contracts';
import { LogsError, systemClock } from '@kubidu/core';
import type { Clock, SourceLine, SourceWriter } from '@kubidu/core';

import { Spool } from './spool.ts';
import { recordsOf, replay } from './spool-record.ts';

/** How it is set up. */
export interface SpoolingWriterOptions {
  /** Where the spool's file lies; must exist. It has no name there. */
  readonly folder: string;
  /** Bytes on disk; what comes beyond them is dropped and counted. Default 256 MiB. */
  readonly maxBytes?: number;
  readonly clock?: Clock;
}

const MAX_BYTES = 256 * 1024 * 1024;

/** How long the writer behind may have no room before the disk is used, in milliseconds. */
const PATIENCE_MS = 50;

/** Why a wait ends early. Given, since making an error for it costs more than the wait. */
const DECIDED = 'decided';

/**
 * Writes on while the writer behind it has no room: what comes then waits on disk, and follows in order once there is room
 * again. So whoever writes does not wait for a store that is away. Beyond the spool's bound lines are dropped and counted,
 * and a `lost` event stands in their place. Whoever opens it closes it, before the writer behind it.
 */
export class SpoolingWriter implements SourceWriter {
  readonly #inner: SourceWriter;
  readonly #spool: Spool;
  readonly #clock: Clock;
  /** Runs while something is in the spool. */
  #draining: Promise<void> | undefined;
  #failure: LogsError | undefined;
  #cursor = '';

  constructor(inner: SourceWriter, { folder, maxBytes = MAX_BYTES, clock = systemClock }: SpoolingWriterOptions) {
    this.#inner = inner;
    this.#spool = new Spool({ folder, maxBytes });
    this.#clock = clock;
  }

  /** Whether what comes goes to the disk now. */
  get isSpooling(): boolean {
    return this.#draining !== undefined;
  }

  lines(lines: readonly SourceLine[], cursor: string, stream?: 'stdout' | 'stderr', step?: number): void {
    this.#cursor = cursor;
    if (this.#failure) return;
    if (!this.#draining) return this.#inner.lines(lines, cursor, stream, step);
    for (const run of recordsOf(lines)) {
      const record = { lines: run, cursor, ...(stream && { stream }), ...(step !== undefined && { step }) };
      this.#spool.put(record, run.length, run[0]?.timestamp ?? '');
    }
  }

  event(event: LogEvent, cursor: string, timestamp = new Date(this.#clock.now()).toISOString()): void {
    this.#cursor = cursor;
    if (this.#failure) return;
    if (this.#draining) this.#spool.put({ event, cursor, timestamp }, 1, timestamp);
    else this.#inner.event(event, cursor, timestamp);
  }

  /** Resolves at once while the spool is used, else when the writer behind has room, after 50 ms at the latest. */
  async ready(): Promise<void> {
    if (!this.#draining && !this.#failure && !(await this.#hasRoom())) this.#draining ??= this.#drain();
    await this.#spool.settled();
    if (this.#failure) throw this.#failure;
  }

  async flush(): Promise<void> {
    while (this.#draining) await this.#draining;
    if (this.#failure) throw this.#failure;
    await this.#inner.flush();
  }

  /** What is still in the spool is dropped. Idempotent; never throws. */
  async close(): Promise<void> {
    this.#failure ??= new LogsError('CONFLICT', 'the spool is closed');
    await this.#spool.close();
  }

  /** Whether the writer behind has room, now or soon. */
  async #hasRoom(): Promise<boolean> {
    const ready = this.#inner.ready().then(() => true);
    const nextTurn = new Promise<undefined>((resolve) => setImmediate(resolve, undefined));
    return (await Promise.race([ready, nextTurn])) ?? (await this.#hasRoomSoon(ready));
  }

  async #hasRoomSoon(ready: Promise<boolean>): Promise<boolean> {
    const waiting = new AbortController();
    const later = this.#clock.sleep(PATIENCE_MS, waiting.signal).then(() => false);
    try {
      return await Promise.race([ready, later]);
    } finally {
      waiting.abort(DECIDED);
      later.catch(() => undefined); // it was decided: nobody waits any longer
      ready.catch(() => undefined); // the drain meets the same fault
    }
  }

  /** Hands over what is in the spool, until it is empty. Never rejects. */
  async #drain(): Promise<void> {
    try {
      for (;;) {
        await this.#inner.ready();
        const records = await this.#spool.take(this.#cursor);
        for (const record of records) {
          await this.#inner.ready();
          replay(record, this.#inner);
        }
        if (records.length > 0 || !this.#spool.isEmpty) continue;
        // In the same turn as the look: nothing can have come in between.
        this.#draining = undefined;
        return await this.#spool.clear();
      }
    } catch (error) {
      this.#failure ??= error instanceof LogsError ? error : spoolFault(error);
      this.#draining = undefined;
    }
  }
}

function spoolFault(cause: unknown): LogsError {
  return new LogsError('INTERNAL', 'the spool cannot be read', { cause });
}
