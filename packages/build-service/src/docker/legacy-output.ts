import { LineFramer } from '@kubidu/core';
import type { BuildOutput, SourceLine } from '@kubidu/core';

import { BuildStep } from '../steps/build-step.ts';
import type { StepFailure } from './build-graph.ts';
import { RedText } from './red-text.ts';

const STEP = /^Step (\d+)\/(\d+) : (.*)$/;
/** What the builder itself says of a step. */
const SAYS =
  /^(?: ---> (?:[0-9a-f]{12}|Running in [0-9a-f]{12}|Using cache)|Removing intermediate container [0-9a-f]{12}|Successfully (?:built [0-9a-f]{12}|tagged \S+))$/;
/** The same behind a line of the container that had no end. */
const SAYS_BEHIND = /^(.+?)( ---> [0-9a-f]{12}|Removing intermediate container [0-9a-f]{12})$/;

/** Most lines that an output takes at once. */
const LINES_AT_ONCE = 500;

/** The text of the classic builder, as steps. Times are those of reading. */
export class LegacyOutput {
  readonly #output: BuildOutput;
  readonly #framer = new LineFramer();
  readonly #red = new RedText();
  /** Lines of one kind, not handed over yet; never beyond one chunk. */
  #lines: SourceLine[] = [];
  #kind: 'stdout' | undefined;
  #step: BuildStep | undefined;
  #total = 0;
  #startedMs = 0;
  #cached = false;

  constructor(output: BuildOutput) {
    this.#output = output;
  }

  /** Of the last step. */
  get number(): number {
    return this.#step?.number ?? 0;
  }

  push(chunk: Buffer): void {
    this.#red.push(chunk, (stream, bytes) => this.#take(stream, bytes));
    this.#give();
  }

  /** The builder ended; where it failed, the step under way did. Returns how, as StepFailure. */
  end(status: 'succeeded' | 'failed' | 'cancelled', error = ''): StepFailure | undefined {
    this.#red.end((stream, bytes) => this.#take(stream, bytes));
    this.#framer.end((line, truncated) => this.#line(line, truncated));
    const step = this.#step;
    this.#finish(status);
    return step && status === 'failed'
      ? { step: step.number, name: step.name, error, lastWords: step.lastWords }
      : undefined;
  }

  #take(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    if (stream === 'stderr') {
      this.#give();
      this.#step?.write('stderr', bytes, new Date().toISOString());
    } else this.#framer.push(bytes, (line, truncated) => this.#line(line, truncated));
  }

  #line(line: string, truncated: number): void {
    const [, number, total, name = ''] = STEP.exec(line) ?? [];
    // A container may print what looks like a step: only the next one is.
    if (Number(number) === this.number + 1 && (this.#total === 0 || Number(total) === this.#total))
      this.#begin(name, Number(number), Number(total));
    else if (truncated > 0) this.#say(line, 'stdout', truncated);
    else if (!this.#isDockers(line)) this.#say(line, this.#step ? 'stdout' : undefined);
  }

  /** Whether it is something that the builder says, and then says it. */
  #isDockers(line: string): boolean {
    const behind = SAYS_BEHIND.exec(line);
    if (behind) {
      this.#say(behind[1] ?? '', 'stdout');
      this.#say(behind[2] ?? '');
      return true;
    }
    if (line === ' ---> Using cache') this.#cached = true;
    if (SAYS.test(line)) this.#say(line);
    return SAYS.test(line);
  }

  #say(message: string, kind?: 'stdout', truncated = 0): void {
    if (kind !== this.#kind || this.#lines.length === LINES_AT_ONCE) this.#give();
    this.#kind = kind;
    // Progress overwrites its line again and again.
    const text = this.#step ? message : message.slice(message.replace(/\r+$/, '').lastIndexOf('\r') + 1).trimEnd();
    const timestamp = new Date().toISOString();
    this.#lines.push({ timestamp, message: text, ...(truncated > 0 && { truncated }) });
  }

  #give(): void {
    if (this.#lines.length > 0) this.#output.lines(this.#lines, this.#kind, this.#step?.number);
    this.#lines = [];
  }

  #begin(name: string, number: number, total: number): void {
    this.#finish('succeeded');
    this.#total = total;
    this.#cached = false;
    this.#startedMs = performance.now();
    this.#step = new BuildStep(this.#output, number, name, total);
    this.#step.start(new Date().toISOString());
  }

  #finish(status: 'succeeded' | 'failed' | 'cancelled'): void {
    this.#give();
    if (!this.#step?.running) return;
    const cached = this.#cached && status === 'succeeded';
    const durationMs = Math.round((performance.now() - this.#startedMs) * 1_000) / 1_000;
    this.#step.end(cached ? 'cached' : status, new Date().toISOString(), cached ? undefined : durationMs);
  }
}
