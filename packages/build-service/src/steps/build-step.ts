import type { BuildOutput } from '@kubidu/core';
import { toUtc } from '@kubidu/core';

import { StepLog } from './step-log.ts';

/** How a step ended. */
export type StepEnd = 'cached' | 'succeeded' | 'failed' | 'cancelled';

/** A step of a build as it is told: its number, its name, what it writes, how it ended. */
export class BuildStep {
  readonly number: number;
  readonly name: string;
  readonly #output: BuildOutput;
  readonly #total: number | undefined;
  readonly #logs: Record<'stdout' | 'stderr', StepLog>;
  /** A step that was done may begin again: BuildKit looks a context up first and loads it then. */
  #running = false;

  constructor(output: BuildOutput, number: number, name: string, total?: number) {
    this.number = number;
    this.name = name;
    this.#output = output;
    this.#total = total;
    this.#logs = { stdout: new StepLog(output, 'stdout', number), stderr: new StepLog(output, 'stderr', number) };
  }

  get running(): boolean {
    return this.#running;
  }

  /** The newest lines of its standard error, else of its standard output: where it failed, they may say why. */
  get lastWords(): string {
    return this.#logs.stderr.last || this.#logs.stdout.last;
  }

  /** @param timestamp RFC 3339 */
  start(timestamp: string): void {
    if (this.#running) return;
    this.#running = true;
    this.#event('started', timestamp);
  }

  write(stream: 'stdout' | 'stderr', chunk: Buffer, timestamp: string): void {
    this.#logs[stream].push(chunk, timestamp);
  }

  /** Something the builder says of the step. */
  say(message: string, timestamp: string, stream?: 'stderr'): void {
    const at = toUtc(timestamp);
    const lines = message.split(/\r?\n/).map((line) => ({ timestamp: at, message: line }));
    this.#output.lines(lines.slice(0, 500), stream, this.number);
  }

  /** Takes the last lines of its outputs, then tells how it ended. */
  end(status: StepEnd, timestamp: string, durationMs?: number): void {
    this.#logs.stdout.end();
    this.#logs.stderr.end();
    this.#running = false;
    this.#event(status, timestamp, durationMs);
  }

  #event(status: StepEnd | 'started', timestamp: string, durationMs?: number): void {
    this.#output.event(
      {
        type: 'build-step',
        step: this.number,
        ...(this.#total !== undefined && { total: this.#total }),
        name: this.name,
        status,
        ...(durationMs !== undefined && { durationMs }),
      },
      toUtc(timestamp),
    );
  }
}
