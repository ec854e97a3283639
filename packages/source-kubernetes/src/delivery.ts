import type { LogEvent } from '@kubidu/contracts';
import type { SourceLine, SourceWriter } from '@kubidu/core';

import { cursorEncoder } from './cursor.ts';
import { Pace } from './pace.ts';
import { RecentTimes } from './recent-times.ts';
import { hashLine } from './stamped-line.ts';
import type { Cursor } from './cursor.ts';
import type { Track } from './position.ts';
import type { StampedLine } from './stamped-line.ts';

/** Most lines of one call of a writer. */
const BATCH_LINES = 500;
/** Most characters: a few lines of 256 KiB fill a batch too. */
const BATCH_CHARS = 1024 * 1024;

/** Lines of one nanosecond that are remembered. */
const BURST_LINES = 10_000;

/** Why a line in a stream may not be what follows the last one. `again`: sent before; `jump`: too far ahead. */
export type Doubt = 'again' | 'jump';

/** The store refused, or the lease is lost: following ends. */
export class SinkError extends Error {
  constructor(cause: unknown) {
    super('the sink takes no more', { cause });
  }
}

/** Hands one container instance's lines and events over, each with the cursor behind it. */
export class Delivery {
  readonly track: Track;
  readonly pace = new Pace();
  /** The log was seen to hold nothing behind the last line taken. */
  idle = false;
  /** Lines handed over in this life. */
  taken = 0;
  readonly #writer: SourceWriter;
  readonly #jumpBytes: number;
  readonly #recent: RecentTimes;
  #burst: Set<number> | undefined;
  #doubted: StampedLine | undefined;
  #confirmed: StampedLine | undefined;
  readonly #cursor: Cursor;
  #encode: (track: Track) => string;
  #batch: SourceLine[] = [];
  #chars = 0;

  /** @param jumpBytes what a container must have written in a pause, at its pace, for the pause to be doubted */
  constructor(writer: SourceWriter, cursor: Cursor, jumpBytes: number) {
    this.#writer = writer;
    this.#cursor = cursor;
    this.#encode = cursorEncoder(cursor);
    this.#jumpBytes = jumpBytes;
    this.track = cursor.track;
    this.#recent = new RecentTimes(cursor.track.position === undefined);
  }

  /** Why `line` may not be what follows the last one; undefined when it is. */
  doubt(line: StampedLine): Doubt | undefined {
    const doubt = this.#doubt(line);
    this.#doubted = doubt && line;
    this.#confirmed = undefined;
    return doubt;
  }

  /** Settles the last doubt: `next` is what the log itself has behind the last line taken. */
  settle(next: StampedLine | undefined): void {
    const doubted = this.#doubted;
    this.#confirmed = next && doubted && same(next, doubted) ? next : undefined;
    this.#doubted = undefined;
  }

  /** Whether the log itself was seen to have `line` behind the last one taken. */
  isConfirmed(line: StampedLine): boolean {
    return this.#confirmed !== undefined && same(line, this.#confirmed);
  }

  take(line: StampedLine): void {
    this.#noteBurst(line);
    this.track.take(line);
    this.#recent.take(line);
    this.pace.take(line);
    this.taken++;
    this.#confirmed = undefined;
    this.idle = false;
    this.#batch.push(line);
    this.#chars += line.message.length;
    if (this.#batch.length >= BATCH_LINES || this.#chars >= BATCH_CHARS) this.send();
  }

  /** Whether a line of a file that begins behind the last line taken was not taken: some may be stamped before that. */
  isNew(line: StampedLine): boolean {
    return line.timestamp > this.track.time || this.#recent.order(line) === 'earlier';
  }

  /** A line that cannot be told from those taken: left out, and known from now on. */
  skip(line: StampedLine): void {
    this.#recent.take(line);
  }

  /** A line that was taken in an earlier life came again: known from now on. */
  remember(line: StampedLine): void {
    if (this.taken === 0) this.#recent.take(line);
  }

  /** Sends what was taken on its way. */
  send(): void {
    if (this.#batch.length === 0) return;
    this.#writer.lines(this.#batch, this.#position());
    this.#batch = [];
    this.#chars = 0;
  }

  event(event: LogEvent, timestamp?: string): void {
    this.send();
    if (event.type === 'container-exited') this.#encode = cursorEncoder({ ...this.#cursor, phase: 'exited' });
    this.#writer.event(event, this.#position(), timestamp);
  }

  /** Resolves when there is room to read on. @throws {SinkError} */
  async ready(): Promise<void> {
    await this.#writer.ready().catch(refused);
  }

  /** Resolves when all is stored. @throws {SinkError} */
  async flush(): Promise<void> {
    this.send();
    await this.#writer.flush().catch(refused);
  }

  #position(): string {
    return this.#encode(this.track);
  }

  #doubt(line: StampedLine): Doubt | undefined {
    const order = this.#recent.order(line);
    if (order === 'next') return this.#jumps(line) ? 'jump' : undefined;
    if (order === 'earlier') return undefined;
    // Lines of one nanosecond are a burst unless they are the very same.
    if (this.track.isOfLastTime(line) && !this.#inBurst(line)) return undefined;
    return 'again';
  }

  #inBurst(line: StampedLine): boolean {
    return this.track.equalsLast(line) || (this.#burst?.has(hashLine(line)) ?? false);
  }

  /** Remembers the lines of one nanosecond: where they come again, their time alone does not show it. */
  #noteBurst(line: StampedLine): void {
    if (!this.track.isOfLastTime(line)) this.#burst = undefined;
    else if (this.#burst === undefined) this.#burst = new Set([this.track.lastHash, hashLine(line)]);
    else if (this.#burst.size < BURST_LINES) this.#burst.add(hashLine(line));
  }

  #jumps(line: StampedLine): boolean {
    if (this.#recent.since(line) < 250e6) return false;
    const expected = this.pace.expected(this.track.time, line.timestamp);
    return expected !== undefined && expected.bytes >= this.#jumpBytes;
  }
}

/** Whether two lines cannot be told apart. */
export const same = (a: StampedLine, b: StampedLine): boolean =>
  a.nanos === b.nanos && a.second === b.second && a.message === b.message;

function refused(error: unknown): never {
  throw new SinkError(error);
}
