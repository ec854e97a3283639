import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { eventually } from './eventually.ts';

/** How a process is started. */
export interface SpawnOptions {
  /** Added to the little that every process gets (PATH, HOME, TMPDIR and the test run's mark). */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Takes the standard output piece by piece instead of keeping it. */
  readonly onStdout?: (piece: Buffer) => void;
}

const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'KUBIDU_TEST_RUN'];

/** A Node program of ours as a child process, and what it printed. Whoever starts it disposes of it. */
export class SpawnedProcess implements AsyncDisposable {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #stdout = '';
  #stderr = '';

  constructor(script: string, args: readonly string[], { env, cwd, onStdout }: SpawnOptions = {}) {
    const inherited = Object.fromEntries(
      INHERITED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    );
    this.#child = spawn(process.execPath, [script, ...args], {
      env: { ...inherited, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(cwd !== undefined && { cwd }),
    });
    this.pid = this.#child.pid ?? 0;
    this.#exited = once(this.#child, 'close');
    this.#child.stdout?.on('data', onStdout ?? ((piece: Buffer) => (this.#stdout += piece.toString())));
    this.#child.stderr?.on('data', (piece: Buffer) => (this.#stderr += piece.toString()));
    this.#child.stdin?.on('error', () => undefined);
  }

  /** Everything printed so far. */
  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Sends a signal; does nothing once the process is gone. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Resolves once the process is gone and all its output was read: with its exit code, or 128 + the signal's number. */
  async exit(): Promise<number> {
    await this.#exited;
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    return 128 + (SIGNALS[this.#child.signalCode ?? ''] ?? 0);
  }

  /** Kills it with SIGKILL and resolves when it is gone. */
  async kill9(): Promise<void> {
    this.signal('SIGKILL');
    // Without the wait for its output: a grandchild may hold the pipe.
    await eventually(() => !this.running);
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#child.stdin?.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.running) return;
    this.signal('SIGTERM');
    try {
      // A server archives for 5 s before it ends.
      await eventually(() => !this.running, { timeoutMs: 15_000 });
    } finally {
      await this.kill9();
    }
  }
}

const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGPIPE: 13, SIGTERM: 15 };
