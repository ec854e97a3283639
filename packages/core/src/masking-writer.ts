import type { LogEvent } from '@kubidu/contracts';

import type { Clock } from './clock.ts';
import { cutMessage } from './cut-message.ts';
import type { SourceLine, SourceWriter } from './log-source.ts';
import type { Masker } from './mask/masker.ts';
import type { MaskedOutput } from './mask/masked-output.ts';

/** How a masking writer is set up. */
export interface MaskingWriterOptions {
  /** Takes what was masked. Whoever opened it closes it, after this one. */
  readonly writer: SourceWriter;
  readonly masker: Masker;
  readonly clock: Clock;
}

/** Lines that came together and go on together, with their cursor. */
interface Call {
  readonly given: readonly SourceLine[];
  /** Those with what was masked; undefined while nothing was. */
  lines: SourceLine[] | undefined;
  /** How many of its lines are open. */
  open: number;
  /** When it came. */
  readonly since: number;
  readonly cursor: string;
  readonly stream: 'stdout' | 'stderr' | undefined;
  readonly step: number | undefined;
}

/** One output, and its open lines in order. */
interface Track {
  readonly output: MaskedOutput;
  readonly open: { readonly call: Call; readonly at: number }[];
}

/** Why a wait ends early. Given, since the reason that would be made otherwise costs more than masking the lines. */
const DECIDED = 'decided';
/** How long a line that ends with the beginning of a secret waits for the next. */
const HOLD_MS = 100;
/** Most characters of calls that wait; of the last of them more. */
const HOLD_CHARS = 1024 * 1024;

/**
 * Masks what is written, on its way to another writer. Lines keep their order, their number and their cursors. stdout,
 * stderr and each step of a build are outputs of their own, on which a secret may be spread over lines: where the last
 * line of a call ends with the beginning of one, the call waits, and with it what comes after it, until the next line of
 * that output decides, 100 ms have passed, 1 MiB waits, or `event`, `flush` or `close` is called. Nothing waits where the
 * masker was given no secrets.
 */
export class MaskingWriter implements SourceWriter, AsyncDisposable {
  readonly #options: MaskingWriterOptions;
  readonly #tracks = new Map<string, Track>();
  #held: Call[] = [];
  #heldChars = 0;
  #hold: AbortController | undefined;

  constructor(options: MaskingWriterOptions) {
    this.#options = options;
  }

  lines(given: readonly SourceLine[], cursor: string, stream?: 'stdout' | 'stderr', step?: number): void {
    const track = this.#track(stream, step);
    const call: Call = { given, lines: undefined, open: 0, since: this.#options.clock.now(), cursor, stream, step };
    for (let at = 0; at < given.length; at++) {
      const { message, truncated } = given[at] as SourceLine;
      const masked = track.output.take(message, (truncated ?? 0) > 0);
      if (masked === undefined) {
        call.open++;
        track.open.push({ call, at });
      } else if (masked !== message) put(call, at, masked);
    }
    this.#release();
    if (call.open === 0 && this.#held.length === 0) this.#pass(call);
    else this.#keep(call);
  }

  event(event: LogEvent, cursor: string, timestamp?: string): void {
    this.#settle();
    this.#options.writer.event(this.#maskedEvent(event), cursor, timestamp);
  }

  ready(): Promise<void> {
    return this.#options.writer.ready();
  }

  async flush(): Promise<void> {
    this.#settle();
    await this.#options.writer.flush();
  }

  /** Hands over what waits. May be called again. */
  async close(): Promise<void> {
    this.#settle();
  }

  [Symbol.asyncDispose] = () => this.close();

  #track(stream: string | undefined, step: number | undefined): Track {
    const name = `${stream} ${step}`;
    const known = this.#tracks.get(name);
    if (known) return known;
    const open: Track['open'] = [];
    const output = this.#options.masker.output((masked) => {
      const settled = open.shift();
      if (!settled) return;
      settled.call.open--;
      put(settled.call, settled.at, masked);
    });
    const track = { output, open };
    this.#tracks.set(name, track);
    return track;
  }

  #keep(call: Call): void {
    this.#held.push(call);
    this.#heldChars += characters(call);
    if (this.#heldChars > HOLD_CHARS) this.#settle();
    else if (!this.#hold) this.#wait(call);
  }

  /** Until the call that came first has waited long enough. */
  #wait({ since }: Call): void {
    const { clock } = this.#options;
    const hold = (this.#hold = new AbortController());
    clock.sleep(Math.max(0, since + HOLD_MS - clock.now()), hold.signal).then(
      () => this.#settle(),
      () => undefined, // it waits no more
    );
  }

  #settle(): void {
    for (const { output } of this.#tracks.values()) output.settle();
    this.#release();
  }

  /** Passes on what waits for nothing any more. */
  #release(): void {
    if (this.#held.length === 0) return;
    const undecided = this.#held.findIndex(({ open }) => open > 0);
    const decided = this.#held.splice(0, undecided < 0 ? this.#held.length : undecided);
    if (decided.length === 0) return;
    for (const call of decided) {
      this.#heldChars -= characters(call);
      this.#pass(call);
    }
    this.#hold?.abort(DECIDED);
    this.#hold = undefined;
    if (this.#held[0]) this.#wait(this.#held[0]);
  }

  #pass({ lines, given, cursor, stream, step }: Call): void {
    this.#options.writer.lines(lines ?? given, cursor, stream, step);
  }

  #maskedEvent(event: LogEvent): LogEvent {
    const { masker } = this.#options;
    switch (event.type) {
      case 'build-step':
        return { ...event, name: masker.text(event.name) };
      case 'container-exited':
      case 'lost':
        return { ...event, reason: masker.text(event.reason) };
      case 'container-started':
      case 'build-finished':
        return event.image === undefined ? event : { ...event, image: masker.text(event.image) };
      case 'pod-deleted':
      case 'release':
        return event;
    }
  }
}

function characters({ given }: Call): number {
  return given.reduce((sum, { message }) => sum + message.length, 0);
}

/** Puts a masked message into the place of the given one. */
function put(call: Call, at: number, masked: string): void {
  const line = call.given[at];
  if (!line || masked === line.message) return;
  call.lines ??= [...call.given];
  call.lines[at] = masked.length <= line.message.length ? { ...line, message: masked } : grown(line, masked);
}

/** A part of a secret may be shorter than what stands in its place. */
function grown(line: SourceLine, masked: string): SourceLine {
  const { message, truncated } = cutMessage(masked);
  const missing = (line.truncated ?? 0) + truncated;
  return { ...line, message, ...(missing > 0 && { truncated: missing }) };
}
