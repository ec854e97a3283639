import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';

import { LogsError } from '@kubidu/core';

/** How a child ended: with a code, or by a signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How long a client has to end by itself after it was told to, in milliseconds: BuildKit needs less to stop a container. */
const GRACE_MS = 4_000;

/**
 * A program in a process group of its own, without a shell. What it writes is read only as fast as it is taken, so that it
 * waits for a slow reader. Once its signal aborts the group gets SIGTERM, and SIGKILL if that did not end it in 4 s.
 */
export class Child implements AsyncDisposable {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves once the program has ended and its output was read to the end. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #timer: NodeJS.Timeout | undefined;

  private constructor(child: ChildProcess, stdout: Readable, stderr: Readable, signal: AbortSignal | undefined) {
    this.#child = child;
    this.stdout = stdout;
    this.stderr = stderr;
    this.exited = new Promise((resolve) => {
      child.once('close', (code, by) => {
        clearTimeout(this.#timer);
        signal?.removeEventListener('abort', this.#stop);
        resolve({ code, signal: by });
      });
    });
    signal?.addEventListener('abort', this.#stop, { once: true });
    if (signal?.aborted) this.#stop();
  }

  /**
   * Starts a program. @param signal ends it
   * @throws {LogsError} UNAVAILABLE where there is no such program, INVALID_ARGUMENT where a value holds a NUL
   */
  static async start(
    command: string,
    args: readonly string[],
    options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
    signal?: AbortSignal,
  ): Promise<Child> {
    const { env = process.env, cwd } = options;
    // Node would name the value in its error.
    if ([...args, ...Object.values(env)].some((value) => value?.includes('\0')))
      throw new LogsError('INVALID_ARGUMENT', 'a value holds a NUL character');
    const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
    const child = spawn(command, [...args], { detached: true, stdio, env, ...(cwd !== undefined && { cwd }) });
    const started = new Child(child, child.stdout, child.stderr, signal);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', ({ message }) =>
        reject(new LogsError('UNAVAILABLE', `${command} cannot be started: ${message}`)),
      );
    });
    child.on('error', () => {}); // what came to be is told by its exit
    return started;
  }

  /** Sends SIGKILL to whatever is left of the group, and waits. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#send('SIGKILL');
    this.stdout.destroy();
    this.stderr.destroy();
    await this.exited;
  }

  readonly #stop = (): void => {
    this.#send('SIGTERM');
    this.#timer = setTimeout(() => this.#send('SIGKILL'), GRACE_MS);
  };

  #send(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // It has gone by itself.
    }
  }
}

/** What a program that ended at once had to say. */
export interface Said extends Exit {
  /** Its standard output, the first 64 KiB of it. */
  readonly stdout: string;
  /** Its standard error, likewise. */
  readonly stderr: string;
}

const SAID_BYTES = 64 * 1024;

/** Runs a program to its end. @throws {LogsError} like {@link Child.start} */
export async function runToEnd(
  command: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
  signal?: AbortSignal,
): Promise<Said> {
  await using child = await Child.start(command, args, options, signal);
  const [stdout, stderr] = await Promise.all([beginning(child.stdout), beginning(child.stderr)]);
  return { ...(await child.exited), stdout, stderr };
}

async function beginning(output: Readable): Promise<string> {
  const kept: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of output as AsyncIterable<Buffer>) {
    if (bytes < SAID_BYTES) kept.push(chunk);
    bytes += chunk.length;
  }
  return Buffer.concat(kept).subarray(0, SAID_BYTES).toString();
}
