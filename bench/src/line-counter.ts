import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { costOf } from './processes.ts';
import type { Cost } from './processes.ts';

/** Is called with each piece of output; `lines` counts all of its lines so far. */
type Watcher = (chunk: Buffer, lines: number) => void;

/** A command whose output lines are counted: a log reader, ours or another. */
export class LineCounter implements AsyncDisposable {
  readonly #child: ChildProcess;
  #lines = 0;
  #firstMs: number | undefined;

  /** @param watch sees each chunk as it comes */
  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, watch?: Watcher) {
    const began = performance.now();
    this.#child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'ignore'] });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#firstMs ??= performance.now() - began;
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) this.#lines++;
      watch?.(chunk, this.#lines);
    });
  }

  get lines(): number {
    return this.#lines;
  }

  /** From its start to its first output. */
  get firstMs(): number {
    return this.#firstMs ?? NaN;
  }

  /** @throws {Error} once the command has ended: then nobody knows */
  cost(): Cost {
    if (this.#child.exitCode !== null) throw new Error(`${this.#child.spawnfile} ended by itself`);
    return costOf(this.#child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
