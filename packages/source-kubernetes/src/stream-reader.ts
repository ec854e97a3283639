import { setImmediate as turn } from 'node:timers/promises';

import { parseStamped } from './stamped-line.ts';
import { stampedFramer } from './container-log.ts';
import { same } from './delivery.ts';
import { Resumption } from './resumption.ts';
import { withJitter } from './timing.ts';
import type { ContainerLog } from './container-log.ts';
import type { Delivery } from './delivery.ts';
import type { Intake } from './intake.ts';
import type { StampedLine } from './stamped-line.ts';
import type { Timing } from './timing.ts';

/**
 * How reading a stream ended: `clean` and `broken` as the connection did; `renew` after its time; `silent`: the log had
 * lines that it did not bring; `moved`: the file is not the one we left; `again`, `jump`: see {@link Delivery.doubt};
 * `stopped` by the signal.
 */
export type StreamEnd = 'clean' | 'broken' | 'renew' | 'silent' | 'moved' | 'again' | 'jump' | 'stopped';

/** What a stream is read with. */
export interface StreamContext {
  readonly log: ContainerLog;
  readonly delivery: Delivery;
  readonly timing: Timing;
  readonly previous: boolean;
  /** From where it was opened. */
  readonly since: string | undefined;
  /** After a loss was told: lines up to the last one taken are skipped, all others taken, wherever the file begins. */
  readonly onlyNewer: boolean;
}

/** Bytes parsed before whoever takes the lines is asked whether there is room. */
const TURN_BYTES = 64 * 1024;

/** Reads one opened log stream into a delivery, from the place where that stopped. */
export class StreamReader {
  readonly #context: StreamContext;
  readonly #resumption: Resumption;
  #flowing = false;
  #confirmed: StampedLine | undefined;
  #end: StreamEnd | undefined;
  #stamped = false;
  /** The kubelet's own words, if any came. */
  strange: string | undefined;

  constructor(context: StreamContext) {
    this.#context = context;
    this.#resumption = new Resumption(context.onlyNewer ? undefined : context.delivery.track.position);
  }

  /** Whether the stream came to the place where reading had stopped. A file that was rotated may end before that. */
  get found(): boolean {
    return this.#resumption.found;
  }

  /** Reads to the end that it returns; closes the intake. @throws {SinkError} */
  async read(intake: Intake, signal: AbortSignal): Promise<StreamEnd> {
    try {
      return await this.#read(intake, signal);
    } finally {
      intake.close();
      this.#context.delivery.send();
    }
  }

  /** Like `read` for a stream that is not followed: it ends by itself, and its last line may have no end. */
  async readToEnd(intake: Intake, signal: AbortSignal): Promise<StreamEnd> {
    const { delivery, timing } = this.#context;
    const framer = stampedFramer();
    const take = (text: string, truncated: number) => this.#offer(text, truncated);
    try {
      while (intake.ended === 'open' && !this.#end) {
        if (!(await intake.wait(timing.headMs, signal))) return signal.aborted ? 'stopped' : 'broken';
        for (const chunk of intake.take()) {
          framer.push(chunk, take);
          delivery.send();
          await delivery.ready();
        }
      }
      if (intake.ended === 'clean' && !this.#end) framer.end(take);
      return this.#end ?? (intake.ended === 'clean' ? 'clean' : 'broken');
    } finally {
      intake.close();
      delivery.send();
    }
  }

  async #read(intake: Intake, signal: AbortSignal): Promise<StreamEnd> {
    const { delivery, timing } = this.#context;
    const framer = stampedFramer();
    const renewAt = Date.now() + withJitter(timing.renewMs);
    const take = (text: string, truncated: number) => this.#offer(text, truncated);
    let bytes = 0;
    while (!signal.aborted) {
      for (const chunk of intake.take()) {
        framer.push(chunk, take);
        bytes += chunk.length;
        if (this.#end) return this.#end;
        if (bytes < TURN_BYTES) continue;
        bytes = 0;
        delivery.send();
        await delivery.ready();
        await turn();
      }
      delivery.send();
      await delivery.ready();
      if (intake.ended !== 'open') return intake.ended;
      if (Date.now() >= renewAt) return 'renew';
      const came = await intake.wait(withJitter(timing.probeMs), signal);
      if (!came && !signal.aborted && (await this.#missesLines(intake, signal))) return 'silent';
    }
    return 'stopped';
  }

  #offer(text: string, truncated: number): void {
    if (this.#end) return;
    const line = parseStamped(text, truncated);
    if (!line) {
      this.strange ??= text.slice(0, 200);
      return;
    }
    if (!this.#stamped) {
      this.#stamped = true;
      // What came before it was the end of a long line, whose first pieces are older than what was asked for.
      this.strange = undefined;
    }
    const { delivery } = this.#context;
    if (!this.#resumption.found) {
      if (this.#resumption.offer(line) === 'moved') this.#end = 'moved';
      else delivery.remember(line);
      return;
    }
    if (this.#context.onlyNewer && !this.#flowing && !delivery.isNew(line)) return delivery.skip(line);
    // What was doubted and then found in the log itself is taken, and with it all lines that are just the same.
    if (!this.#flowing && delivery.isConfirmed(line)) this.#confirmed = line;
    else if (this.#confirmed && !same(line, this.#confirmed)) this.#confirmed = undefined;
    this.#flowing = true;
    if (!this.#confirmed) this.#end = delivery.doubt(line);
    if (!this.#end) delivery.take(line);
  }

  /** Whether the log has a newer line than the stream brought: a connection can be dead without a word. */
  async #missesLines(intake: Intake, signal: AbortSignal): Promise<boolean> {
    const { log, delivery, timing, previous, since } = this.#context;
    const newest = await log.newest(previous, signal).catch(() => 'fault' as const);
    if (newest === 'fault') return false;
    if (!newest || delivery.track.equalsLast(newest)) {
      delivery.idle = true;
      return false;
    }
    if (await intake.wait(timing.graceMs, signal)) return false;
    // Stamped before `since`: the kubelet leaves it out of this stream, and all that follow it.
    if (since !== undefined && newest.timestamp < since) delivery.track.clockWasSetBack();
    return true;
  }
}
